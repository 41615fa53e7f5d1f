import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A daemon after one that did not close the ledger", .ownThread)
struct UncleanExitTests {
    private let home: DaemonHome

    init() throws {
        home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = \"short\"\n")
        try home.addAgent("short", script: #"[[{"say":"Short and whole."},{"end":"stop"}]]"#)
    }

    private var logSize: Int { TemporaryDirectory.bytes(of: home.database + "-wal").count }

    /// Asks again and again, so that the daemon has time to say something.
    private func awaitLog(_ daemon: DaemonProcess, _ text: String) throws {
        _ = try daemon.connect().ask(#"{"cmd":"ping"}"#) { _ in daemon.log.contains(text) }
    }

    private func converse(_ daemon: DaemonProcess, _ input: String) throws {
        let client = try daemon.connect()
        client.send(#"{"cmd":"run","input":"\#(input)"}"#)
        _ = try client.frame { $0["event"]?.string == "run_completed" }
    }

    @Test("looks through the file while it serves, and says how long that took")
    func soundFileIsSaidToBe() throws {
        let first = try DaemonProcess(in: home)
        try converse(first, "hi")
        try first.crash()
        #expect(logSize > 0)
        let daemon = try DaemonProcess(in: home)
        try awaitLog(daemon, "is sound")
        #expect(daemon.log.contains("checked_ms="))
        #expect(try daemon.terminate() == .exited(0))
        #expect(access(home.database + "-wal", F_OK) != 0, "a clean exit leaves no log")

        let next = try DaemonProcess(in: home)
        #expect(try next.terminate() == .exited(0))
        #expect(next.log.split(separator: "\n").filter { $0.contains("is sound") }.count == 1)
    }

    @Test("ends with 65 when the file is damaged, and says where")
    func damagedFileIsTheEnd() throws {
        let first = try DaemonProcess(in: home)
        try converse(first, String(repeating: "z", count: 200_000))
        #expect(try first.terminate() == .exited(0))
        // A page of the question: no start reads it.
        var bytes = TemporaryDirectory.bytes(of: home.database)
        let page = try #require(
            stride(from: 0, to: bytes.count, by: 4096).first { start in
                bytes[start + 4..<start + 4096].allSatisfy { $0 == UInt8(ascii: "z") }
            })
        for index in page..<page + 4096 { bytes[index] = 0xFF }
        try home.directory.write("state/agentd.db", bytes)

        let second = try DaemonProcess(in: home)
        try converse(second, "hi")
        try second.crash()
        let (ending, log) = try DaemonProcess.refusal(in: home)
        #expect(ending == .exited(65), "\(log)")
        #expect(log.contains("quick check"), "\(log)")
        #expect(log.contains("critical"))
    }
}
