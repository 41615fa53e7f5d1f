import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A backup of a daemon at work", .ownThread)
struct BackupTests {
    /// Backups that are made; `AGENTD_BACKUPS` says how many, otherwise few.
    private static let rounds = getenv("AGENTD_BACKUPS").flatMap { Int(String(cString: $0)) } ?? 5
    private static let lanes = 16

    private let home: DaemonHome

    init() throws {
        home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = \"talker\"\n")
        try home.addAgent("talker", script: #"[[{"say":"Word after word after word.","chunk":3,"every_ms":1}]]"#)
    }

    private func ask(_ client: SocketClient, _ number: inout Int) {
        number += 1
        client.send(#"{"cmd":"run","input":"hi","run_id":"r\#(number)"}"#)
    }

    private func backUp(to target: String) throws -> ChildProcess {
        try ChildProcess(
            [DaemonProcess.binary(), "backup", "--json", "--state-dir", home.state, target],
            output: home.directory.file("backup.log"))
    }

    @Test("holds all that had been said when it began, and can be put in the ledger's place")
    func holdsAllThatHadBeenSaid() throws {
        let daemon = try DaemonProcess(in: home)
        let client = try daemon.connect()
        var (asked, ended): (Int, Set<String>) = (0, [])
        for _ in 0..<Self.lanes { ask(client, &asked) }
        func serve() throws {
            let frame = try client.frame()
            guard frame["event"]?.string == "run_completed" else { return }
            ended.insert(try #require(frame["run_id"]?.string))
            ask(client, &asked)
        }
        for round in 1...Self.rounds {
            while ended.count < 20 * round { try serve() }
            let target = home.directory.file("copy\(round).db")
            let known = ended
            let backup = try backUp(to: target)
            while backup.ending == nil, !backup.hasEnded(by: Deadline(in: .zero)) { try serve() }
            #expect(try backup.wait() == .exited(0), "\(TemporaryDirectory.read(home.directory.file("backup.log")))")
            let copy = try LedgerFile(path: target)
            #expect(try copy.integrityCheck() == "ok")
            let completed = Set(try copy.runs().filter { $0.status == "completed" }.map(\.id))
            #expect(known.isSubset(of: completed), "\(known.subtracting(completed)) are missing")
        }
        let names = home.directory.names.filter { $0.hasPrefix("copy") }
        #expect(names.count == Self.rounds, "\(names)")
        try daemon.crash()

        // As somebody would who has lost the rest.
        let other = try DaemonHome(config: home.config ?? "")
        try other.directory.makeDirectory("state")
        try other.directory.write("state/agentd.db", TemporaryDirectory.bytes(of: home.directory.file(names[0])))
        let restored = try DaemonProcess(in: other)
        let run = try restored.connect().ask(#"{"cmd":"get","run_id":"r1"}"#)
        #expect(run["run"]?.object?["content"]?.string == "Word after word after word.")
        #expect(try restored.terminate() == .exited(0))
    }

    @Test("never touches a file that is there, and says what is missing")
    func neverTouchesAFileThatIsThere() throws {
        let daemon = try DaemonProcess(in: home)
        let taken = try home.directory.write("taken", "mine")
        #expect(try backUp(to: taken).wait() == .exited(73))
        #expect(TemporaryDirectory.read(taken) == "mine")
        #expect(TemporaryDirectory.read(home.directory.file("backup.log")).contains("not there yet"))
        #expect(try daemon.terminate() == .exited(0))
        // The daemon has gone and has closed the file: that is no hindrance.
        #expect(try backUp(to: home.directory.file("later.db")).wait() == .exited(0))
    }
}
