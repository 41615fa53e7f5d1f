public import AgentProtocol
import Glibc

/// The real binary, serving in a home until it is stopped or goes out of scope.
public final class DaemonProcess {
    /// Where it lives.
    public let home: DaemonHome
    /// The process itself.
    public let process: ChildProcess

    /// Starts the daemon and waits until it listens.
    ///
    /// - Parameters:
    ///   - home: where it lives.
    ///   - options: more arguments of `serve`.
    ///   - prelude: shell words that come before the daemon in the same process, such as `ulimit -n 64`.
    /// - Throws: `TestFailure` with the log when it ends, or is not ready in time.
    public init(in home: DaemonHome, options: [String] = [], prelude: String? = nil) throws(TestFailure) {
        self.home = home
        let readiness = try ReadinessSocket(path: home.directory.file("notify"))
        process = try Self.spawn(in: home, options, prelude, notify: readiness.path)
        guard process.wait(for: readiness.descriptor, until: Deadline(in: .seconds(20))) else {
            throw TestFailure("the daemon does not start:\n\(TemporaryDirectory.read(home.log))")
        }
    }

    /// Starts a daemon that is expected to refuse; returns how it ended and what it said.
    public static func refusal(
        in home: DaemonHome, options: [String] = []
    ) throws(TestFailure) -> (ending: ChildProcess.Ending, log: String) {
        let before = TemporaryDirectory.read(home.log).utf8.count
        let process = try spawn(in: home, options, nil, notify: home.directory.file("nobody"))
        let ending = try process.wait()
        return (ending, String(TemporaryDirectory.read(home.log).utf8.dropFirst(before)) ?? "")
    }

    /// Starts a daemon and kills it the hard way after so long, whether it listens by then or not; returns which.
    public static func crash(in home: DaemonHome, after moment: Duration) throws(TestFailure) -> Bool {
        let readiness = try ReadinessSocket(path: home.directory.file("notify"))
        let process = try spawn(in: home, [], nil, notify: readiness.path)
        guard !process.hasEnded(by: Deadline(in: moment)) else {
            throw TestFailure("the daemon ends by itself:\n\(TemporaryDirectory.read(home.log))")
        }
        let isReady = process.wait(for: readiness.descriptor, until: Deadline(in: .zero))
        process.kill(SIGKILL)
        _ = try process.wait()
        return isReady
    }

    private static func spawn(
        in home: DaemonHome, _ options: [String], _ prelude: String?, notify: String
    ) throws(TestFailure) -> ChildProcess {
        var arguments = [try binary(), "serve", "--socket", home.socket, "--state-dir", home.state]
        if let config = home.config { arguments += ["--config", config] }
        arguments += options
        if let prelude { arguments = ["sh", "-c", prelude + #"; exec "$@""#, "sh"] + arguments }
        return try ChildProcess(
            arguments, environment: ["HOME": home.directory.path, "NOTIFY_SOCKET": notify], output: home.log)
    }

    /// The binary that was built with the tests: it stands beside their bundle. `AGENTD_BINARY` names another one.
    public static func binary() throws(TestFailure) -> String {
        if let other = getenv("AGENTD_BINARY") { return String(cString: other) }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw TestFailure("readlink /proc/self/exe") }
        let own = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { throw TestFailure("no directory in \(own)") }
        let path = own[..<slash] + "/agentd"
        guard access(String(path), X_OK) == 0 else { throw TestFailure("there is no \(path)") }
        return String(path)
    }

    /// What it has said so far.
    public var log: String { TemporaryDirectory.read(home.log) }

    /// A new client.
    public func connect() throws(TestFailure) -> SocketClient { try SocketClient(path: home.socket) }

    /// Kills it the hard way and waits until it is gone.
    public func crash() throws(TestFailure) {
        process.kill(SIGKILL)
        let ending = try process.wait()
        guard ending == .signalled(SIGKILL) else { throw TestFailure("it had ended before: \(ending)\n\(log)") }
    }

    /// Asks it to end and waits until it has.
    public func terminate() throws(TestFailure) -> ChildProcess.Ending {
        process.signal(SIGTERM)
        return try process.wait()
    }

    /// Bytes of memory that it holds now.
    public var residentBytes: Int {
        let fields = TemporaryDirectory.read("/proc/\(process.processID)/statm").split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    /// The most memory that it ever held, in bytes.
    public var peakResidentBytes: Int {
        for line in TemporaryDirectory.read("/proc/\(process.processID)/status").split(separator: "\n")
        where line.hasPrefix("VmHWM:") {
            return (Int(line.filter(\.isNumber)) ?? 0) * 1024
        }
        return 0
    }
}

extension DaemonProcess {
    /// Waits until a run has ended; returns how.
    @discardableResult
    public func awaitStatus(of run: String, within limit: Duration = .seconds(20)) throws(TestFailure) -> String {
        var status = ""
        // A list carries no texts: asking for it again and again costs the daemon little.
        _ = try connect().ask(#"{"cmd":"list","kind":"runs"}"#, within: limit) { reply in
            let record = reply["items"]?.array?.compactMap(\.object).first { $0["run_id"]?.string == run }
            status = record?["status"]?.string ?? ""
            return ["completed", "interrupted", "error"].contains(status)
        }
        return status
    }

    /// Waits until a run has ended; returns its record.
    public func awaitEnd(of run: String, within limit: Duration = .seconds(20)) throws(TestFailure) -> JSONObject {
        try awaitStatus(of: run, within: limit)
        return try connect().ask(#"{"cmd":"get","run_id":"\#(run)"}"#)["run"]?.object ?? [:]
    }
}
