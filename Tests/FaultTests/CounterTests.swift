import AgentProtocol
import AgentTestKit
import Testing

@Suite("What a daemon says it has done", .ownThread)
struct CounterTests {
    private let home: DaemonHome

    init() throws {
        home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = 'good'\n")
        let usage = #"{"usage":{"input_tokens":7,"output_tokens":3}}"#
        try home.addAgent("good", script: #"[[{"say":"Whole."},\#(usage),{"end":"stop"}]]"#)
        try home.addAgent("bad", script: #"[[{"say":"Not"},\#(usage),{"fail":{"http":400}}]]"#)
        try home.addAgent("slow", script: #"[[\#(usage),{"say":"Well"},{"wait_ms":600000}]]"#)
    }

    /// Lets runs end in every way, and leaves some open: at work, and in line. Those are bound to the client.
    private func work(_ daemon: DaemonProcess, _ round: Int) throws -> SocketClient {
        let client = try daemon.connect()
        for number in 1...round + 2 {
            for agent in ["good", "bad"] {
                client.send(#"{"cmd":"run","input":"hi","agent":"\#(agent)","stream":"final"}"#)
                _ = try client.frame { $0["event"] != nil }
            }
            let session = "s-\(round)-\(number)"
            for busy in ["reject", "queue"] {
                client.send(
                    #"{"cmd":"run","input":"hi","agent":"slow","session_id":"\#(session)","on_busy":"\#(busy)"}"#)
            }
            _ = try client.frame { $0["event"]?.string == "run_content" }
            if number == 1 { continue }
            client.send(#"{"cmd":"stop","session_id":"\#(session)","all":true}"#)
            for _ in 1...2 { _ = try client.frame { $0["event"]?.string == "run_cancelled" } }
        }
        client.send(
            #"{"cmd":"run","input":"hi","agent":"slow","session_id":"kept-\#(round)","on_disconnect":"continue"}"#)
        _ = try client.frame { $0["event"]?.string == "run_content" }
        return client
    }

    /// What is counted, beside what the ledger has since then.
    private func compare(_ daemon: DaemonProcess) throws -> [Int64] {
        let hello = try daemon.connect().ask(#"{"cmd":"hello"}"#)
        let counters = try #require(hello["counters"]?.object)
        let since = try #require(counters["since"]?.int64)
        let ledger = try LedgerFile(path: home.database).ends(since: since)
        let names = ["completed", "interrupted", "error"]
        let ends = names.map { counters["runs"]?.object?[$0]?.int64 ?? -1 }
        #expect(ends == names.map { ledger.byStatus[$0] ?? 0 })
        let models = counters["models"]?.array?.compactMap(\.object) ?? []
        func sum(_ name: String) -> Int64 { models.reduce(0) { $0 + ($1[name]?.int64 ?? 0) } }
        #expect([sum("input_tokens"), sum("output_tokens")] == [ledger.inputTokens, ledger.outputTokens])
        return ends
    }

    @Test("is what the ledger holds, after stops, failures and a crash")
    func agreesWithTheLedger() throws {
        let first = try DaemonProcess(in: home)
        let client = try work(first, 1)
        // What is at work has used something that is not written yet.
        #expect(try compare(first) == [3, 4, 3])
        try first.crash()
        client.close()
        let second = try DaemonProcess(in: home)
        // What was at work has failed, and what waited for a client that is gone is cancelled.
        #expect(try compare(second) == [0, 1, 2])
        let next = try work(second, 2)
        #expect(try compare(second) == [4, 7, 6])
        next.close()
        try second.crash()
    }
}
