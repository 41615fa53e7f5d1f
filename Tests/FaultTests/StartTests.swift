import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A daemon that starts", .ownThread)
struct StartTests {
    private let home: DaemonHome

    init() throws { home = try DaemonHome() }

    /// A second home around the same state or socket.
    private func refusal(
        socket: String? = nil, state: String? = nil
    ) throws -> (ending: ChildProcess.Ending, log: String) {
        var options: [String] = []
        if let socket { options += ["--socket", socket] }
        if let state { options += ["--state-dir", state] }
        return try DaemonProcess.refusal(in: try DaemonHome(), options: options)
    }

    @Test("is refused the state of a living one")
    func secondDaemonOnTheSameStateIsRefused() throws {
        let daemon = try DaemonProcess(in: home)
        let (ending, log) = try refusal(state: home.state)
        #expect(ending == .exited(75), "\(log)")
        #expect(log.contains(home.state))
        #expect(try daemon.connect().ask(#"{"cmd":"ping"}"#)["ok"]?.bool == true)
    }

    @Test("gives back what only its start needed")
    func memoryOfTheStartIsGivenBack() throws {
        let daemon = try DaemonProcess(in: home)
        let (now, peak) = (daemon.residentBytes, daemon.peakResidentBytes)
        print("start: \(now >> 10) KiB of \(peak >> 10) are left")
        #expect(now < peak / 4 * 3)
    }

    @Test("is refused the socket of a living one, which goes on serving it")
    func secondDaemonOnTheSameSocketIsRefused() throws {
        let daemon = try DaemonProcess(in: home)
        let (ending, log) = try refusal(socket: home.socket)
        #expect(ending == .exited(75), "\(log)")
        #expect(log.contains(home.socket))
        #expect(try daemon.connect().ask(#"{"cmd":"ping"}"#)["ok"]?.bool == true)
    }

    @Test("replaces the socket that a dead one left")
    func staleSocketIsReplaced() throws {
        try DaemonProcess(in: home).crash()
        #expect(access(home.socket, F_OK) == 0, "a killed daemon leaves its socket")
        let daemon = try DaemonProcess(in: home)
        #expect(try daemon.connect().ask(#"{"cmd":"ping"}"#)["ok"]?.bool == true)
    }

    @Test("replaces no file that is not a socket")
    func fileInPlaceOfTheSocketIsLeftAlone() throws {
        try home.directory.write("agentd.sock", "precious")
        let (ending, log) = try DaemonProcess.refusal(in: home)
        #expect(ending == .exited(73), "\(log)")
        #expect(TemporaryDirectory.read(home.socket) == "precious")
    }

    @Test("refuses the database of a newer one, and leaves it as it is")
    func databaseOfANewerDaemonIsRefused() throws {
        #expect(try DaemonProcess(in: home).terminate() == .exited(0))
        try LedgerFile.execute("PRAGMA user_version = 9999", on: home.database)
        let (ending, log) = try DaemonProcess.refusal(in: home)
        #expect(ending == .exited(74), "\(log)")
        #expect(log.contains("newer"))
        try LedgerFile.execute("PRAGMA user_version = 1", on: home.database)
        #expect(try DaemonProcess(in: home).terminate() == .exited(0))
    }

    @Test("refuses a database that is none")
    func fileThatIsNoDatabaseIsRefused() throws {
        try home.directory.makeDirectory("state")
        try home.directory.write("state/agentd.db", String(repeating: "no database ", count: 1000))
        let (ending, log) = try DaemonProcess.refusal(in: home)
        #expect(ending == .exited(65), "\(log)")
    }

    @Test("refuses a state directory that others may enter", arguments: [0o750, 0o705, 0o777] as [UInt32])
    func stateDirectoryThatIsOpenToOthersIsRefused(mode: UInt32) throws {
        try home.directory.makeDirectory("state", mode: mode)
        let (ending, log) = try DaemonProcess.refusal(in: home)
        #expect(ending == .exited(77), "\(log)")
        #expect(log.contains("chmod 700"))
    }

    @Test("refuses a database that others may read")
    func databaseThatIsOpenToOthersIsRefused() throws {
        #expect(try DaemonProcess(in: home).terminate() == .exited(0))
        chmod(home.database, 0o644)
        let (ending, log) = try DaemonProcess.refusal(in: home)
        #expect(ending == .exited(77), "\(log)")
        #expect(log.contains("chmod 600"))
    }

    @Test("refuses a broken configuration, naming file and line")
    func brokenConfigurationIsRefusedWithFileAndLine() throws {
        try home.configure("version = 1\n\n[run]\ndrain_s = \"soon\"\n")
        let (ending, log) = try DaemonProcess.refusal(in: home)
        #expect(ending == .exited(78), "\(log)")
        #expect(log.contains("agentd.toml:4"), "\(log)")
        #expect(log.contains("drain_s"))
    }

    @Test("refuses an agent whose script is broken or missing", arguments: ["[[{\"say\":1}]]", nil] as [String?])
    func agentWithoutAScriptIsRefused(script: String?) throws {
        try home.configure("version = 1\n")
        try home.addAgent("mute", script: script ?? "")
        if script == nil { unlink(home.directory.file("scripts/mute.json")) }
        let (ending, log) = try DaemonProcess.refusal(in: home)
        #expect(ending == .exited(78), "\(log)")
        #expect(log.contains("mute"))
    }

    @Test("keeps what it makes to itself")
    func everythingInTheStateIsClosedToOthers() throws {
        let daemon = try DaemonProcess(in: home)
        let client = try daemon.connect()
        client.send(#"{"cmd":"run","input":"hi"}"#)
        _ = try client.frame { $0["event"]?.string == "run_started" }
        var seen: Set<String> = []
        let stream = try #require(opendir(home.state))
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == ".." { continue }
            var status = stat()
            #expect(stat("\(home.state)/\(name)", &status) == 0)
            #expect(status.st_mode & 0o077 == 0, "\(name) has mode \(String(status.st_mode, radix: 8))")
            seen.insert(name)
        }
        #expect(seen.isSuperset(of: [".", "agentd.db", "agentd.db-wal", "agentd.lock"]))
    }
}
