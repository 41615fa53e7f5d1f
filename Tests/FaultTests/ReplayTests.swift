import AgentProtocol
import AgentTestKit
import Testing

@Suite("A run that is read again", .ownThread)
struct ReplayTests {
    private static let run = "again"
    private let home: DaemonHome

    init() throws {
        home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = \"everything\"\n")
        try home.addAgent("everything", script: Self.script)
    }

    /// Reasoning between text, calls, three steps, every kind of character, and an end that has to be asked for.
    private static let script = #"""
        [[{"think": "Is \"this\" \\ a\ttab, \u2028 or \ud83d\ude80?", "chunk": 1, "every_ms": 1},
          {"say": "Gr\u00fc\u00dfe e\u0301 \ud83d\udc4b\ud83c\udffd \"Z\u00fcrich\":\n\t\\ \u0007 \u2028 \u2029 \u007f \ud83d\udc68\u200d\ud83d\udc69.",
           "chunk": 1, "every_ms": 1},
          {"think": "Two calls.", "chunk": 3}, {"say": " Let me look.", "chunk": 4, "every_ms": 1},
          {"call": "current_time", "args": {"zone": "UTC", "deep": [1, 2.50, null]}, "id": "c1"},
          {"call": "weather", "args": {"town": "Z\u00fcrich"}, "id": "c2"},
          {"usage": {"input_tokens": 20, "output_tokens": 10}}, {"end": "tool_calls"}],
         [{"call": "current_time"}, {"end": "tool_calls"}],
         [{"say": "\#(String(repeating: "And on and on, word for word. ", count: 30))", "chunk": 3, "every_ms": 1},
          {"think": "Enough?", "chunk": 2, "every_ms": 2}, {"say": "Stop me.", "chunk": 2, "every_ms": 2},
          {"wait_ms": 60000}, {"end": "stop"}]]
        """#

    private static func isTerminal(_ frame: JSONObject) -> Bool {
        ["run_completed", "run_cancelled", "run_error"].contains(frame["event"]?.string ?? "")
    }

    /// What an `attach` brings, up to the terminal event.
    private func replay(_ client: SocketClient, after seq: Int64) throws -> [JSONObject] {
        client.send(#"{"cmd":"attach","run_id":"\#(Self.run)","after":\#(seq)}"#)
        return try rest(client)
    }

    private func rest(_ client: SocketClient) throws -> [JSONObject] {
        let reply = try client.frame()
        #expect(reply["ok"]?.bool == true, "\(reply)")
        var frames: [JSONObject] = []
        repeat { frames.append(try client.frame()) } while !Self.isTerminal(frames[frames.count - 1])
        return frames
    }

    private func tail(_ frames: [JSONObject], after seq: Int64) -> [JSONObject] {
        frames.filter { ($0["seq"]?.int64 ?? 0) > seq }
    }

    /// From the first, the last and a hundred other places, on as many connections.
    private func checkReplays(_ daemon: DaemonProcess, of told: [JSONObject], seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let last = try #require(told.last?["seq"]?.int64)
        for seq in [0, last - 1] + (0..<100).map({ _ in Int64(random.below(Int(last))) }) {
            #expect(try replay(try daemon.connect(), after: seq) == tail(told, after: seq), "after \(seq)")
        }
    }

    @Test("is what it was when it came, from every place: while it is live, afterwards, and after a restart")
    func everyReplayIsTheStream() throws {
        var daemon = try DaemonProcess(in: home)
        let client = try daemon.connect()
        client.send(#"{"cmd":"run","input":"hi \ud83d\ude80","run_id":"\#(Self.run)","session_id":"s"}"#)
        #expect(try client.frame()["ok"]?.bool == true)
        var random = SeededRandom(seed: 1)
        var told: [JSONObject] = []
        var observers: [(seq: Int64, client: SocketClient)] = []
        var isStopped = false
        while told.last.map(Self.isTerminal) != true {
            told.append(try client.frame())
            let seq = try #require(told.last?["seq"]?.int64)
            if told.count % 9 == 0, observers.count < 40 {
                // What was told is behind `seq`; what was not told yet has to come all the same.
                let start = Int64(random.below(Int(seq) + 1))
                observers.append((start, try daemon.connect()))
                observers[observers.count - 1].client.send(
                    #"{"cmd":"attach","run_id":"\#(Self.run)","after":\#(start)}"#)
            }
            if !isStopped, told.last?["content"]?.string == "e." {
                isStopped = true
                _ = try daemon.connect().ask(#"{"cmd":"stop","run_id":"\#(Self.run)","reason":"enough"}"#)
            }
        }
        #expect(told.last?["event"]?.string == "run_cancelled")
        #expect(told.dropLast().last?["content"]?.string == "\n\nUser halted response")
        #expect(told.count > 250 && observers.count > 20)
        #expect(Set(told.compactMap { $0["event"]?.string }).count == 6)
        for observer in observers {
            #expect(try rest(observer.client) == tail(told, after: observer.seq), "live, after \(observer.seq)")
        }

        try checkReplays(daemon, of: told, seed: 2)
        #expect(try daemon.terminate() == .exited(0))
        daemon = try DaemonProcess(in: home)
        try checkReplays(daemon, of: told, seed: 3)
        try daemon.crash()
        daemon = try DaemonProcess(in: home)
        try checkReplays(daemon, of: told, seed: 4)
    }

    @Test("is what it was also when a crash has ended it")
    func aCrashedRunIsReplayed() throws {
        var daemon = try DaemonProcess(in: home)
        let client = try daemon.connect()
        client.send(#"{"cmd":"run","input":"hi","run_id":"\#(Self.run)","session_id":"s"}"#)
        #expect(try client.frame()["ok"]?.bool == true)
        var told: [JSONObject] = []
        while told.count < 150 { told.append(try client.frame()) }
        try daemon.crash()
        daemon = try DaemonProcess(in: home)
        let whole = try replay(try daemon.connect(), after: 0)
        #expect(Array(whole.prefix(told.count)) == told)
        #expect(whole.last?["event"]?.string == "run_error")
        try checkReplays(daemon, of: whole, seed: 5)
    }
}
