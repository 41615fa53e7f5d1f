import AgentProtocol
import AgentTestKit
import Glibc
import Testing

/// A whole daemon whose state is on a small file system.
@Suite(
    "A daemon on a full disk", .ownThread,
    .enabled(if: SmallFileSystem.isPossible, "this user may not mount a file system of a few MiB"))
struct DiskFullTests {
    private let home: DaemonHome
    private let disk: SmallFileSystem

    init() throws {
        home = try DaemonHome()
        disk = try SmallFileSystem(at: home.state, mebibytes: 40)
        try home.configure("version = 1\ndefault_agent = \"short\"\n")
        try home.addAgent("short", script: #"[[{"say":"Short and whole."},{"end":"stop"}]]"#)
        try home.addAgent(
            "ticker", script: #"[[{"say":"\#(String(repeating: "tick ", count: 5000))","chunk":5,"every_ms":10}]]"#)
    }

    private static func isTerminal(_ frame: JSONObject) -> Bool {
        ["run_completed", "run_cancelled", "run_error"].contains(frame["event"]?.string)
    }

    private func begin(_ run: String, on client: SocketClient) throws {
        client.send(
            #"{"cmd":"run","agent":"ticker","input":"hi","run_id":"\#(run)","session_id":"s-\#(run)"}"#)
        _ = try client.frame { $0["event"]?.string == "run_content" }
    }

    private func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }

    @Test(
        "ends what is live, refuses what is new, answers who reads, and goes on when there is space", arguments: [0, 4])
    func fullAndWritableAgain(mebibytesLeft: Int) throws {
        let daemon = try DaemonProcess(in: home)
        let clients = try (1...3).map { _ in try daemon.connect() }
        for (number, client) in clients.enumerated() { try begin("live\(number)", on: client) }
        let other = try daemon.connect()

        disk.fill(leaving: mebibytesLeft << 20)
        for (number, client) in clients.enumerated() {
            let end = try client.frame(where: Self.isTerminal)
            #expect(end["event"]?.string == "run_error")
            #expect(end["run_id"]?.string == "live\(number)")
            #expect(end["error"]?.object?["code"]?.string == "storage_error")
            #expect(end["error"]?.object?["retryable"]?.bool == true)
            let content = try #require(end["content"]?.string)
            #expect(content.hasPrefix("tick tick"))
            #expect(content.hasSuffix("[error: storage_error]"))
        }

        var slowest = Duration.zero
        for _ in 0..<20 {
            let asked = ContinuousClock.now
            let refusal = try other.ask(#"{"cmd":"run","input":"hi","session_id":"s-new"}"#)
            slowest = max(slowest, .now - asked)
            #expect(refusal["error"]?.object?["code"]?.string == "storage_error")
            #expect(refusal["error"]?.object?["retryable"]?.bool == true)
            #expect(refusal["error"]?.object?["message"]?.string?.contains("disk is full") == true)
        }
        let runs = try other.ask(#"{"cmd":"list","kind":"runs","status":"error"}"#)
        #expect(runs["items"]?.array?.count == 3)
        let history = try other.ask(#"{"cmd":"history","session_id":"s-live1"}"#)
        #expect(history["messages"]?.array?.count == 2)
        let hello = try other.ask(#"{"cmd":"hello"}"#)
        #expect(hello["last_storage_error"]?.string != nil)
        #expect(daemon.log.contains("the disk is full"))

        disk.empty()
        let emptied = ContinuousClock.now
        let accepted = try other.ask(#"{"cmd":"run","input":"hi","session_id":"s-new"}"#) { $0["ok"]?.bool == true }
        print(
            "full disk, \(mebibytesLeft) MiB left: refused within \(milliseconds(slowest)) ms,",
            "accepted again after \(milliseconds(.now - emptied)) ms")
        #expect(accepted["session_id"]?.string == "s-new")
        #expect(try other.frame(where: Self.isTerminal)["event"]?.string == "run_completed")
        #expect(try daemon.terminate() == .exited(0))
        #expect(try LedgerFile(path: home.database).integrityCheck() == "ok")
    }

    @Test("starts, answers who reads and refuses what is new where the disk is full already")
    func startOnAFullDisk() throws {
        let first = try DaemonProcess(in: home)
        let reader = try first.connect()
        try begin("r1", on: reader)
        try first.crash()
        disk.fill()

        // What the crash left open is closed in the space of the reserve.
        let daemon = try DaemonProcess(in: home)
        #expect(try daemon.awaitEnd(of: "r1")["error"]?.object?["code"]?.string == "daemon_restart")
        let client = try daemon.connect()
        let refusal = try client.ask(#"{"cmd":"run","input":"hi"}"#)
        #expect(refusal["error"]?.object?["code"]?.string == "storage_error")
        disk.empty()
        _ = try client.ask(#"{"cmd":"run","input":"hi"}"#) { $0["ok"]?.bool == true }
        #expect(try client.frame(where: Self.isTerminal)["event"]?.string == "run_completed")
        #expect(try daemon.terminate() == .exited(0))
    }

    @Test("says so and ends where there is not even a reserve for what a crash left open")
    func recoveryWithoutAnySpace() throws {
        let first = try DaemonProcess(in: home)
        let reader = try first.connect()
        try begin("r1", on: reader)
        try first.crash()
        unlink(home.state + "/agentd.reserve")
        disk.fill()
        let (ending, log) = try DaemonProcess.refusal(in: home)
        #expect(ending == .exited(74), "\(log)")
        #expect(log.contains("disk is full") || log.contains("No space left"), "\(log)")

        disk.empty()
        let daemon = try DaemonProcess(in: home)
        #expect(try daemon.awaitEnd(of: "r1")["status"]?.string == "error")
    }
}
