import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A daemon that is asked to end", .ownThread)
struct DrainTests {
    /// A home with a short agent and one that takes a minute.
    private func home(drainSeconds: Int) throws -> DaemonHome {
        let home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = \"short\"\n[run]\ndrain_s = \(drainSeconds)\n")
        try home.addAgent("short", script: #"[[{"say":"Short and whole.","chunk":2,"every_ms":60},{"end":"stop"}]]"#)
        try home.addAgent("long", script: #"[[{"say":"Begun."},{"wait_ms":60000},{"say":" Never."},{"end":"stop"}]]"#)
        return home
    }

    private static func isText(_ frame: JSONObject) -> Bool { frame["event"]?.string == "run_content" }

    /// Starts a run and waits for its first text.
    private func begin(_ agent: String, on client: SocketClient) throws {
        client.send(#"{"cmd":"run","agent":"\#(agent)","input":"hi","session_id":"\#(agent)","run_id":"\#(agent)"}"#)
        _ = try client.frame(where: Self.isText)
    }

    @Test("says so, takes no new run, lets short runs end, and ends long ones as shutdown when its patience is over")
    func drainLetsShortRunsEndAndEndsLongOnesAsShutdown() throws {
        let daemon = try DaemonProcess(in: home(drainSeconds: 3))
        let (short, long, other) = (try daemon.connect(), try daemon.connect(), try daemon.connect())
        try begin("long", on: long)
        try begin("short", on: short)
        daemon.process.signal(SIGTERM)

        let warning = try other.frame { $0["event"]?.string == "server_draining" }
        #expect(warning["grace_s"]?.int64 == 3)
        let refusal = try other.ask(#"{"cmd":"run","agent":"short","input":"one more"}"#)
        let error = refusal["error"]?.object
        #expect(error?["code"]?.string == "shutting_down")
        #expect(error?["retryable"]?.bool == true)
        #expect(try other.ask(#"{"cmd":"ping"}"#)["ok"]?.bool == true)

        let whole = try short.rest()
        #expect(whole.contains { $0["event"]?.string == "server_draining" })
        #expect(whole.last?["event"]?.string == "run_completed")
        #expect(whole.last?["content"]?.string == "Short and whole.")
        let cut = try #require(try long.rest().last)
        #expect(cut["event"]?.string == "run_error")
        #expect(cut["error"]?.object?["code"]?.string == "shutdown")
        #expect(cut["error"]?.object?["retryable"]?.bool == true)
        #expect(cut["content"]?.string == "Begun.\n\n[error: shutdown]")
        #expect(try daemon.process.wait() == .exited(0))

        let rows = try LedgerFile(path: daemon.home.database).runs()
        #expect(Set(rows.map { "\($0.id) \($0.status)" }) == ["short completed", "long error"])
        #expect(access(daemon.home.socket, F_OK) != 0, "the socket is left behind")
    }

    @Test("ends at once when nothing is live")
    func drainWithoutRunsEndsAtOnce() throws {
        let daemon = try DaemonProcess(in: home(drainSeconds: 600))
        let client = try daemon.connect()
        _ = try client.ask(#"{"cmd":"ping"}"#)
        #expect(try daemon.terminate() == .exited(0))
        #expect(try client.rest().map { $0["event"]?.string } == ["server_draining"])
    }

    @Test("ends as soon as the last run does")
    func drainEndsWithTheLastRun() throws {
        let daemon = try DaemonProcess(in: home(drainSeconds: 600))
        let client = try daemon.connect()
        try begin("short", on: client)
        #expect(try daemon.terminate() == .exited(0))
        #expect(try client.rest().last?["event"]?.string == "run_completed")
    }

    @Test("ends its runs at once when it is asked twice")
    func secondSignalEndsRunsAtOnce() throws {
        let daemon = try DaemonProcess(in: home(drainSeconds: 600))
        let client = try daemon.connect()
        try begin("long", on: client)
        daemon.process.signal(SIGTERM)
        _ = try client.frame { $0["event"]?.string == "server_draining" }
        #expect(try daemon.terminate() == .exited(0))
        let last = try #require(try client.rest().last)
        #expect(last["event"]?.string == "run_error")
        #expect(last["error"]?.object?["code"]?.string == "shutdown")
    }

    @Test("leaves nothing for the next start to recover")
    func startAfterADrainRecoversNothing() throws {
        let home = try home(drainSeconds: 0)
        let daemon = try DaemonProcess(in: home)
        let client = try daemon.connect()
        try begin("long", on: client)
        #expect(try daemon.terminate() == .exited(0))
        let next = try DaemonProcess(in: home)
        #expect(!next.log.contains("left open"))
        #expect(try next.awaitEnd(of: "long")["error"]?.object?["code"]?.string == "shutdown")
    }

    @Test("leaves in line what waits there, and the next one goes on with it", arguments: [SIGTERM, SIGKILL])
    func lineOutlivesTheDaemon(signal: Int32) throws {
        let home = try home(drainSeconds: 0)
        let daemon = try DaemonProcess(in: home)
        let client = try daemon.connect()
        try begin("long", on: client)
        let queued = try daemon.connect()
        let command = #"{"cmd":"run","input":"hi","session_id":"long","on_busy":"queue","#
        for (run, more) in [("two", #""stream":"none""#), ("three", #""on_disconnect":"continue""#), ("bound", "")] {
            let reply = try queued.ask(command + #""run_id":"\#(run)"\#(more.isEmpty ? "" : ",")\#(more)}"#)
            #expect(reply["status"]?.string == "queued")
        }
        if signal == SIGKILL { try daemon.crash() } else { #expect(try daemon.terminate() == .exited(0)) }
        try home.addAgent("long", script: #"[[{"say":"Soon done."},{"end":"stop"}]]"#)
        let next = try DaemonProcess(in: home)
        for run in ["two", "three"] {
            #expect(try next.awaitEnd(of: run)["status"]?.string == "completed")
        }
        #expect(try next.awaitEnd(of: "bound")["cancel_reason"]?.string == "disconnect")
        let code = try next.awaitEnd(of: "long")["error"]?.object?["code"]?.string
        #expect(code == (signal == SIGKILL ? "daemon_restart" : "shutdown"))
        let answers = try LedgerFile(path: home.database).messages().filter { $0.role == "assistant" }
        #expect(answers.map(\.runID) == ["long", "two", "three", "bound"])
        #expect(answers[1].content == "Soon done.")
    }

    @Test("ends hundreds of live runs, each with its sealed terminal")
    func drainEndsHundredsOfRuns() throws {
        let daemon = try DaemonProcess(in: home(drainSeconds: 1))
        let clients = try (0..<10).map { _ in try daemon.connect() }
        for client in clients {
            for _ in 0..<50 { client.send(#"{"cmd":"run","agent":"long","input":"hi"}"#) }
        }
        for client in clients { for _ in 0..<50 { _ = try client.frame(where: Self.isText) } }
        let asked = ContinuousClock.now
        daemon.process.signal(SIGTERM)
        for client in clients {
            let ends = try client.rest().filter { $0["event"]?.string == "run_error" }
            #expect(ends.count == 50)
        }
        #expect(try daemon.process.wait() == .exited(0))
        // The drain's second, the clients' two, and one to close; a wide margin for a machine that is full.
        #expect(ContinuousClock.now - asked < .seconds(15))
        let file = try LedgerFile(path: daemon.home.database)
        #expect(try file.runs().filter { $0.status == "error" }.count == 500)
        #expect(try file.terminals().values.filter { $0.count == 1 }.count == 500)
    }
}
