import Testing

@testable import AgentProviders

@Suite struct SSEDecoderTests {
    /// An event, as a test writes it: name, then data.
    private typealias Seen = [[String]]

    private static func decode(_ pieces: [ArraySlice<UInt8>], limit: Int = 1024) -> (
        seen: Seen, pending: Bool, tooLarge: Bool
    ) {
        var decoder = SSEDecoder(limit: limit)
        var seen: Seen = []
        for piece in pieces {
            do throws(SSEDecoder.TooLarge) {
                try piece.withUnsafeBufferPointer { (bytes) throws(SSEDecoder.TooLarge) in
                    try decoder.receive(UnsafeRawBufferPointer(bytes)) { event in
                        seen.append([
                            String(decoding: event.name, as: UTF8.self), String(decoding: event.data, as: UTF8.self),
                        ])
                    }
                }
            } catch { return (seen, false, true) }
        }
        return (seen, decoder.end(), false)
    }

    static let streams: [(String, [[String]], Bool)] = [
        ("", [], false), ("data: a\n\n", [["", "a"]], false), ("data:a\n\n", [["", "a"]], false),
        ("data:  a \n\n", [["", " a "]], false), ("data: a\r\n\r\n", [["", "a"]], false),
        ("data: a\r\r", [["", "a"]], false),
        ("data: a\n\r\n", [["", "a"]], false), ("data: a\r\n\ndata: b\r\n\r", [["", "a"], ["", "b"]], false),
        ("data: a\rdata: b\ndata: c\r\n\r\n", [["", "a\nb\nc"]], false), ("data\n\n", [["", ""]], false),
        ("data\ndata\n\n", [["", "\n"]], false), ("data:\n\n", [["", ""]], false), (":c\n\n:c\n", [], false),
        ("event: x\n\ndata: a\n\n", [["", "a"]], false),
        ("event: x\ndata: a\n\ndata: b\n\n", [["x", "a"], ["", "b"]], false),
        ("data: a\nevent: x\nevent: y\n\n", [["y", "a"]], false),
        ("id: 1\nretry: 10\nfoo: bar\nbaz\ndata: a\n\n", [["", "a"]], false),
        ("\u{FEFF}data: a\n\n", [["", "a"]], false), ("\u{FEFF}\u{FEFF}data: a\n\n", [], false),
        ("data: \u{FEFF}\n\n", [["", "\u{FEFF}"]], false),
        ("data: a\n", [], true), ("data: a", [], true), ("data: a\n\nda", [["", "a"]], true), (":comment", [], true),
        ("event: x\n", [], false),
        ("\n\n\r\n\r\rdata: a\n\n\n\n", [["", "a"]], false), (" data: a\n\n", [], false), ("data : a\n\n", [], false),
        ("data: é😀\n\n", [["", "é😀"]], false), ("error: {\"a\":1}\n\n", [["error", "{\"a\":1}"]], false),
        ("data: a:b: c\n\n", [["", "a:b: c"]], false),
    ]

    @Test(arguments: streams) func readsByTheStandardHoweverTheStreamIsCut(
        _ text: String, _ events: [[String]], _ pending: Bool
    ) {
        let bytes = Array(text.utf8)
        func check(_ pieces: [ArraySlice<UInt8>], _ how: String) {
            let (seen, isPending, tooLarge) = Self.decode(pieces)
            #expect(seen == events && isPending == pending && !tooLarge, "\(text.debugDescription), \(how)")
        }
        check([bytes[...]], "whole")
        check(bytes.indices.map { bytes[$0...$0] }, "byte by byte")
        for first in 0...bytes.count {
            for second in first...bytes.count {
                check([bytes[..<first], bytes[first..<second], bytes[second...]], "at \(first), \(second)")
            }
        }
    }

    @Test func manyEventsAtOnceComeInOrder() {
        let text = (0..<1000).map { "event: e\($0)\ndata: \($0)\n\n" }.joined()
        let (seen, pending, _) = Self.decode([Array(text.utf8)[...]], limit: 64)
        #expect(seen == (0..<1000).map { ["e\($0)", "\($0)"] } && !pending)
    }

    @Test func linesAndEventsAreBounded() {
        let long = Array("data: \(String(repeating: "a", count: 100))\n\n".utf8)
        #expect(Self.decode([long[...]], limit: 64).tooLarge)
        #expect(Self.decode(long.indices.map { long[$0...$0] }, limit: 64).tooLarge)
        #expect(!Self.decode([long[...]], limit: 106).tooLarge)
        let many = Array((0..<20).map { _ in "data: abcdef\n" }.joined().utf8)
        #expect(Self.decode([many[...]], limit: 64).tooLarge)
        let endless = Array(repeating: UInt8(ascii: ":"), count: 100)
        #expect(Self.decode([endless[...]], limit: 64).tooLarge)
        // Many small events are no large one.
        let small = Array((0..<100).map { _ in "data: abcdef\n\n" }.joined().utf8)
        #expect(Self.decode(small.indices.map { small[$0...$0] }, limit: 64).seen.count == 100)
    }

    @Test func anEventThatLiesWholeInTheBytesIsNotCopied() throws {
        let bytes = Array("event: x\ndata: abc\n\n".utf8)
        var decoder = SSEDecoder()
        try bytes.withUnsafeBytes { all in
            let memory = all.baseAddress!..<all.baseAddress! + all.count
            try decoder.receive(all) { event in
                #expect(memory.contains(event.data.baseAddress!) && memory.contains(event.name.baseAddress!))
            }
        }
    }
}
