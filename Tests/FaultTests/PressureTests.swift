import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A daemon under pressure", .ownThread, .serialized)
struct PressureTests {
    private static let mebibyte = 1 << 20

    @Test("keeps a place for a client that never reads, and not what it has not read")
    func clientThatNeverReadsCostsAPlace() throws {
        var unread = try flood(#""on_disconnect":"continue""#)
        // What the run itself holds is the same in both, but for what a full machine adds to the one or the other: what is
        // kept for the client is there each time.
        var cost = Int.max
        for attempt in 1...3 where cost >= 4 * Self.mebibyte {
            if attempt > 1 { unread = try flood(#""on_disconnect":"continue""#) }
            cost = unread.growth - (try flood(#""stream":"none""#)).growth
            print("slow reader: of 20 MB unread, memory holds \(cost / 1024) KiB")
        }
        #expect(cost < 4 * Self.mebibyte)

        // When it reads at last, everything is there, once and in order, though in fewer pieces than were said.
        let sloth = unread.client
        #expect(try sloth.frame()["ok"]?.bool == true)
        var seq: Int64 = 0
        var text = 0
        var event: JSONObject
        repeat {
            event = try sloth.frame()
            let next = try #require(event["seq"]?.int64, "\(event)")
            #expect(next > seq)
            seq = next
            if event["event"]?.string == "run_content" { text += event["content"]?.string?.utf8.count ?? 0 }
        } while event["event"]?.string != "run_error"
        #expect(text == (try replayedText(unread.daemon)))
    }

    /// The bytes of the answer as somebody hears them who attaches afterwards.
    private func replayedText(_ daemon: DaemonProcess) throws -> Int {
        let client = try daemon.connect()
        _ = try client.ask(#"{"cmd":"attach","run_id":"r1"}"#)
        var text = 0
        var event: JSONObject
        repeat {
            event = try client.frame()
            if event["event"]?.string == "run_content" { text += event["content"]?.string?.utf8.count ?? 0 }
        } while event["event"]?.string != "run_error"
        return text
    }

    /// Plays a run of 20 MB without a pause; returns by how much memory grew at most.
    private func flood(_ options: String) throws -> (growth: Int, client: SocketClient, daemon: DaemonProcess) {
        let home = try DaemonHome()
        try home.configure("version = 1\n")
        // Each step says a megabyte and makes a call, so that there is another step.
        let text = String(repeating: "All of it unread... ", count: 50_000)
        try home.addAgent(
            "flood", script: #"[[{"say":"\#(text)","chunk":1000},{"call":"more"}]]"#, settings: "[limits]\nsteps = 20")
        let daemon = try DaemonProcess(in: home)
        let before = daemon.residentBytes
        let client = try daemon.connect()
        client.send(#"{"cmd":"run","input":"hi","run_id":"r1",\#(options)}"#)
        #expect(try daemon.awaitStatus(of: "r1", within: .seconds(60)) == "error")
        return (daemon.peakResidentBytes - before, client, daemon)
    }

    @Test("refuses a line of 17 MiB once, and the connection lives on")
    func lineThatIsTooLongIsRefusedAndTheConnectionLives() throws {
        let daemon = try DaemonProcess(in: DaemonHome())
        let client = try daemon.connect()
        let before = daemon.residentBytes
        client.send([UInt8](repeating: UInt8(ascii: "x"), count: 17 * Self.mebibyte) + [UInt8(ascii: "\n")])
        let refusal = try client.frame()
        #expect(refusal["ok"]?.bool == false)
        #expect(refusal["error"]?.object?["code"]?.string == "line_too_long")
        #expect(try client.ask(#"{"cmd":"ping","id":1}"#)["id"]?.int64 == 1)
        let growth = daemon.peakResidentBytes - before
        print("long line: memory grew by \(growth / Self.mebibyte) MiB at most")
        #expect(growth < 64 * Self.mebibyte)
    }

    @Test("answers a thousand commands of one write, all of them and in order")
    func thousandPipelinedCommandsAreAnsweredInOrder() throws {
        let daemon = try DaemonProcess(in: DaemonHome())
        let client = try daemon.connect()
        var lines = ""
        for number in 1...1000 {
            switch number % 4 {
            case 0: lines += #"{"cmd":"list","id":\#(number)}"#
            case 1: lines += #"{"cmd":"ping","id":\#(number)}"#
            case 2: lines += #"{"cmd":"history","session_id":"nobody","id":\#(number)}"#
            default: lines += #"{"cmd":"stop","run_id":"nobody","id":\#(number)}"#
            }
            lines += "\n"
        }
        client.send(Array(lines.utf8))
        client.halfClose()
        let replies = try client.rest()
        #expect(replies.map { $0["id"]?.int64 } == (1...1000).map { $0 })
        #expect(replies.allSatisfy { $0["ok"] != nil })
    }
}
