import AgentProtocol
import AgentTestKit
import Testing

@Suite("A line that is meant to hurt", .ownThread)
struct HostileInputTests {
    private static let mebibyte = 1 << 20

    /// What is sent before the line feed, and what is said to it.
    private struct Line: CustomStringConvertible {
        let description: String
        let code: String
        let bytes: [UInt8]

        init(_ description: String, _ code: String, _ text: String) {
            (self.description, self.code, bytes) = (description, code, Array(text.utf8))
        }
    }

    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    /// As many values, names or bytes as a line can hold, and more.
    private static func lines() -> [Line] {
        let names = (0..<200_000).map { #""n\#($0)":0"# }.joined(separator: ",")
        return [
            Line("100,000 arrays in each other", "bad_json", #"{"cmd":"ping","x":"# + repeated("[", 100_000)),
            Line("100,000 objects in each other", "bad_json", repeated(#"{"a":"#, 100_000)),
            Line("200,000 names", "bad_json", #"{"cmd":"ping",\#(names)}"#),
            Line("the same name 200,000 times", "bad_json", "{" + repeated(#""a":0,"#, 200_000) + #""cmd":"ping"}"#),
            Line("eight million numbers", "bad_json", #"{"cmd":"ping","x":["# + repeated("0,", 8_300_000) + "0]}"),
            Line(
                "five million empty objects", "bad_json", #"{"cmd":"ping","x":["# + repeated("{},", 5_500_000) + "0]}"),
            Line("a number of 16 MB", "bad_json", #"{"cmd":"ping","x":1"# + repeated("0", 16_000_000) + "}"),
            Line("a name of 16 MB", "unknown_command", #"{"cmd":""# + repeated("x", 16_000_000) + #""}"#),
            Line("a text that never ends", "bad_json", #"{"cmd":"ping","x":""# + repeated("\\\\", 8_000_000)),
            Line("64 MiB without an end", "line_too_long", repeated("x", 64 * mebibyte)),
        ]
    }

    @Test("is answered once, costs a bounded amount of memory, and its client lives on")
    func hostileLinesAreAnsweredOnceAndBounded() throws {
        for line in Self.lines() {
            let daemon = try DaemonProcess(in: DaemonHome())
            let client = try daemon.connect()
            let before = daemon.residentBytes
            client.send(line.bytes + Array("\n{\"cmd\":\"ping\",\"id\":\"after\"}\n".utf8))
            let refusal = try client.frame(within: .seconds(60))
            #expect(refusal["error"]?.object?["code"]?.string == line.code, "\(line)")
            let next = try client.frame()
            #expect(next["id"]?.string == "after" && next["ok"]?.bool == true, "\(line)")
            let growth = daemon.peakResidentBytes - before
            print("hostile input: \(line): memory grew by \(growth / Self.mebibyte) MiB at most")
            // A line may have 16 MiB, in an array that doubles; what is made of it has a bound of its own.
            #expect(growth < 96 * Self.mebibyte, "\(line)")
        }
    }
}
