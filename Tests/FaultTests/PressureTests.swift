import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A daemon under pressure", .ownThread, .serialized)
struct PressureTests {
    private static let mebibyte = 1 << 20

    @Test("detaches a client that never reads, and keeps no more for it than that")
    func clientThatNeverReadsIsDetachedAndCostsABoundedAmountOfMemory() throws {
        let unwatched = try flood(#""stream":"none""#)
        let unread = try flood(#""on_disconnect":"continue""#)
        // What the run itself holds is the same in both; 8 MiB may wait for a reader, in an array that doubles.
        let cost = unread.growth - unwatched.growth
        print("slow reader: of 20 MB unread, memory holds \(cost / Self.mebibyte) MiB")
        #expect(cost < 24 * Self.mebibyte)

        // It learns where it was left, and its connection still answers.
        let sloth = unread.client
        let notice = try sloth.frame { $0["event"]?.string == "stream_detached" }
        #expect(notice["reason"]?.string == "slow_reader")
        #expect(notice["run_id"]?.string == "r1")
        let after = try #require(notice["after"]?.int64)
        #expect(after > 1)
        #expect(try sloth.ask(#"{"cmd":"ping"}"#)["ok"]?.bool == true)

        // From there it reads on as slowly as it likes: what has been waits in the ledger, and detaches nobody.
        let before = unread.daemon.residentBytes
        let reply = try sloth.ask(#"{"cmd":"attach","run_id":"r1","after":\#(after)}"#)
        #expect(reply["ok"]?.bool == true)
        let other = try unread.daemon.connect()
        for _ in 0..<200 { _ = try other.ask(#"{"cmd":"ping"}"#) }
        #expect(unread.daemon.residentBytes - before < 8 * Self.mebibyte)
        var seq = after
        var event = try sloth.frame()
        while event["event"]?.string != "run_error" {
            seq += 1
            guard event["seq"]?.int64 == seq else {
                Issue.record("event \(event["seq"]?.int64 ?? -1) comes where \(seq) is due")
                return
            }
            event = try sloth.frame()
        }
        #expect(event["seq"]?.int64 == reply["last_seq"]?.int64 && seq + 1 == reply["last_seq"]?.int64)
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

    @Test("that is out of descriptors goes on with what it has, and takes clients again later")
    func daemonOutOfDescriptorsGoesOnAndAcceptsAgainLater() throws {
        let home = try DaemonHome()
        try home.configure("version = 1\n")
        try home.addAgent(
            "ticker", script: #"[[{"say":"tick tock tick tock.","chunk":1,"every_ms":50},{"end":"stop"}]]"#)
        let daemon = try DaemonProcess(in: home, prelude: "ulimit -n 64")
        let live = try daemon.connect()
        live.send(#"{"cmd":"run","input":"hi"}"#)
        _ = try live.frame { $0["event"]?.string == "run_content" }

        let prober = try daemon.connect()
        var crowd: [SocketClient] = []
        for _ in 0..<200 { crowd.append(try daemon.connect()) }
        _ = try prober.ask(#"{"cmd":"ping"}"#) { _ in daemon.log.contains("out of descriptors") }
        let last = try live.frame { $0["event"]?.string != "run_content" }
        #expect(last["event"]?.string == "run_completed")
        #expect(last["content"]?.string == "tick tock tick tock.")

        crowd.removeAll()
        #expect(try daemon.connect().ask(#"{"cmd":"ping"}"#)["ok"]?.bool == true)
        #expect(try daemon.terminate() == .exited(0))
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
