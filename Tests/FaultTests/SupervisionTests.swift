import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A daemon under a service manager", .ownThread)
struct SupervisionTests {
    private static let watchdog = Duration.milliseconds(200)

    private let home: DaemonHome
    /// The manager's end.
    private let manager = UnixSocket(SOCK_DGRAM)

    init() throws {
        home = try DaemonHome()
        try #require(manager.bind(home.directory.file("manager")))
    }

    private func start(handing door: UnixSocket? = nil, count: Int = 1) throws -> ChildProcess {
        // The variable names the process that is meant, and that is the daemon itself.
        let prelude = door == nil ? [] : ["sh", "-c", #"LISTEN_PID=$$ LISTEN_FDS=\#(count) exec "$@""#, "sh"]
        return try ChildProcess(
            prelude + [DaemonProcess.binary(), "serve", "--socket", home.socket, "--state-dir", home.state]
                + (home.config.map { ["--config", $0] } ?? []),
            environment: [
                "NOTIFY_SOCKET": home.directory.file("manager"), "HOME": home.directory.path,
                "WATCHDOG_USEC": "\(Int64(Self.watchdog / .microseconds(1)))",
            ], output: home.log, handed: door?.descriptor)
    }

    /// A socket as a manager hands it over.
    private func door(_ kind: __socket_type = SOCK_STREAM) throws -> UnixSocket {
        let door = UnixSocket(kind)
        try #require(door.bind(home.directory.file("handed")))
        return door
    }

    /// The lines of the next message; none when nothing comes in time.
    private func message(from daemon: ChildProcess, within limit: Duration = .seconds(20)) -> [Substring] {
        guard daemon.wait(for: manager.descriptor, until: Deadline(in: limit)) else { return [] }
        return manager.receive().split(separator: "\n")
    }

    /// Waits until a message begins so.
    private func wait(for line: Substring, from daemon: ChildProcess) throws {
        var lines: [Substring] = []
        repeat {
            lines = message(from: daemon)
            try #require(!lines.isEmpty, "\(TemporaryDirectory.read(home.log))")
        } while lines.first != line
    }

    @Test("says that it is ready, lives and goes down, in that order")
    func saysWhatItIsAt() throws {
        let daemon = try start()
        #expect(message(from: daemon) == ["READY=1"])
        let client = try SocketClient(path: home.socket)
        #expect(try client.ask(#"{"cmd":"ping"}"#)["ok"]?.bool == true)
        var status = ""
        while !status.contains("1 connections") {
            let lines = message(from: daemon)
            try #require(lines.first == "WATCHDOG=1")
            if let line = lines.dropFirst().first { status = String(line) }
        }
        #expect(status.hasPrefix("STATUS=0 live runs, 0 queued, 1 connections"))
        daemon.signal(SIGTERM)
        var lines = message(from: daemon)
        while lines.first == "WATCHDOG=1" { lines = message(from: daemon) }
        #expect(lines.first == "STOPPING=1" && lines.contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") })
        #expect(try daemon.wait() == .exited(0))
    }

    /// Holds one thread of a process until it is ended.
    private static let holder = """
        import ctypes, signal, sys
        ptrace = ctypes.CDLL(None, use_errno=True).ptrace
        ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        SEIZE, INTERRUPT = 0x4206, 0x4207
        for request in SEIZE, INTERRUPT:
            if ptrace(request, int(sys.argv[1]), None, None) != 0:
                sys.exit(1)
        print("held", flush=True)
        signal.pause()
        """

    /// Holding a thread of a process that is not one's own child may need a right.
    private static var mayHold: Bool {
        geteuid() == 0 || TemporaryDirectory.read("/proc/sys/kernel/yama/ptrace_scope").hasPrefix("0")
    }

    @Test(
        "is silent when its loop or its writer stands still", .enabled(if: mayHold),
        arguments: ["agentd-loop", "agentd-writer"])
    func isSilentWhenAThreadStandsStill(thread: String) throws {
        let daemon = try start()
        #expect(message(from: daemon) == ["READY=1"])
        #expect(message(from: daemon).first == "WATCHDOG=1")
        let threads = "/proc/\(daemon.processID)/task"
        let number = try #require(
            TemporaryDirectory.names(in: threads).first {
                TemporaryDirectory.read("\(threads)/\($0)/comm") == "\(thread)\n"
            })
        let said = home.directory.file("holder")
        let holder = try ChildProcess(["python3", "-c", Self.holder, number], output: said)
        while !TemporaryDirectory.read(said).contains("held") {
            try #require(!holder.hasEnded(by: Deadline(in: .milliseconds(5))), "nobody can be held")
        }
        // What was said before.
        while !message(from: daemon, within: .zero).isEmpty {}
        #expect(message(from: daemon, within: Self.watchdog * 3).isEmpty)
        holder.kill(SIGKILL)
        #expect(message(from: daemon).first == "WATCHDOG=1")
        daemon.signal(SIGTERM)
        #expect(try daemon.wait() == .exited(0))
    }

    @Test("listens on the socket that it is handed, and leaves it where it is")
    func listensOnTheSocketThatItIsHanded() throws {
        let path = home.directory.file("handed")
        let door = try door()
        try #require(door.listen())
        let daemon = try start(handing: door)
        #expect(message(from: daemon) == ["READY=1"])
        let client = try SocketClient(path: path)
        client.send(#"{"cmd":"run","input":"hi"}"#)
        #expect(try client.frame { $0["event"]?.string == "run_completed" }["run_id"] != nil)
        #expect(access(home.socket, F_OK) != 0, "a socket of its own is not needed")
        #expect(TemporaryDirectory.read(home.log).contains(path))
        client.close()
        daemon.signal(SIGTERM)
        #expect(try daemon.wait() == .exited(0))
        #expect(access(path, F_OK) == 0)
    }

    @Test("says which settings of a socket mean nothing to one that it is handed")
    func saysWhichSettingsMeanNothing() throws {
        try home.configure("version = 1\n[socket]\nmode = '0600'\n")
        let door = try door()
        try #require(door.listen())
        let daemon = try start(handing: door)
        #expect(message(from: daemon) == ["READY=1"])
        let warnings = TemporaryDirectory.read(home.log).split(separator: "\n").filter { $0.contains("mean nothing") }
        #expect(warnings.count == 1 && warnings.allSatisfy { $0.contains("settings=socket.mode") }, "\(warnings)")
        daemon.signal(SIGTERM)
        #expect(try daemon.wait() == .exited(0))
    }

    /// Restarts, and clients that come meanwhile; `AGENTD_RESTARTS` says how many restarts, otherwise few.
    private static let restarts = getenv("AGENTD_RESTARTS").flatMap { Int(String(cString: $0)) } ?? 5
    private static let clientsPerRestart = 20

    @Test("keeps clients waiting while it restarts, and refuses none")
    func keepsClientsWaiting() throws {
        let door = try door()
        try #require(door.listen(4096))
        let path = home.directory.file("handed")
        var waiting: [SocketClient] = []
        for round in 0...Self.restarts {
            let daemon = try start(handing: door)
            try wait(for: "READY=1", from: daemon)
            for client in waiting {
                let reply = try client.frame()
                #expect(reply["ok"]?.bool == true && reply["id"]?.int64 == Int64(round))
            }
            daemon.signal(SIGTERM)
            // Goes down now, or is down: either way they wait for the next one.
            try wait(for: "STOPPING=1", from: daemon)
            waiting = try (0..<Self.clientsPerRestart).map { _ in
                let client = try SocketClient(path: path)
                client.send(#"{"cmd":"ping","id":\#(round + 1)}"#)
                return client
            }
            #expect(try daemon.wait() == .exited(0))
        }
    }

    @Test(
        "refuses what it cannot listen on",
        arguments: [
            (SOCK_STREAM, true, 2, "agentd listens on one"), (SOCK_STREAM, false, 1, "does not listen"),
            (SOCK_SEQPACKET, true, 1, "no stream socket"),
        ])
    func refusesWhatItCannotListenOn(kind: __socket_type, listens: Bool, count: Int, hint: String) throws {
        let door = try door(kind)
        try #require(!listens || door.listen())
        let daemon = try start(handing: door, count: count)
        #expect(try daemon.wait() == .exited(73))
        #expect(TemporaryDirectory.read(home.log).contains(hint))
    }
}
