import Testing

@testable import AgentServer

@Suite struct LineDecoderTests {
    /// What came out: a line's text, or nil for one that was too long.
    private func decode(_ pieces: [[UInt8]], limit: Int = 1_000, ends: Bool = true) -> [String?] {
        var decoder = LineDecoder(limit: limit)
        var lines: [String?] = []
        func take() {
            while let output = decoder.next() {
                switch output {
                case .line(let range): lines.append(String(decoding: decoder.bytes[range], as: UTF8.self))
                case .tooLong: lines.append(nil)
                }
            }
        }
        for piece in pieces {
            piece.withUnsafeBytes { decoder.append($0) }
            take()
        }
        if ends {
            decoder.end()
            take()
        }
        return lines
    }

    private static let transcript = Array(
        "{\"cmd\":\"ping\"}\n\n  \n{\"cmd\":\"run\",\"input\":\"Grüße 👋\"}\r\n\r\nx\n\n\nlast without an end".utf8)
    private static let lines: [String?] = [
        "{\"cmd\":\"ping\"}", "", "  ", "{\"cmd\":\"run\",\"input\":\"Grüße 👋\"}\r", "\r", "x", "", "",
        "last without an end",
    ]

    @Test func theWholeAtOnceGivesItsLines() { #expect(decode([Self.transcript]) == Self.lines) }

    @Test func everySplitGivesTheSameLines() {
        for place in 0...Self.transcript.count {
            let pieces = [Array(Self.transcript[..<place]), Array(Self.transcript[place...])]
            #expect(decode(pieces) == Self.lines)
        }
    }

    @Test(arguments: 1...9) func piecesOfEverySizeGiveTheSameLines(size: Int) {
        let pieces = stride(from: 0, to: Self.transcript.count, by: size).map {
            Array(Self.transcript[$0..<min($0 + size, Self.transcript.count)])
        }
        #expect(decode(pieces) == Self.lines)
    }

    @Test func manyGluedTogetherComeOutOneByOne() {
        let glued = Array(repeating: Self.transcript + [UInt8(ascii: "\n")], count: 50).flatMap(\.self)
        #expect(decode([glued]) == Array(repeating: Self.lines, count: 50).flatMap(\.self))
    }

    @Test func aLineThatIsNotEndedWaits() {
        #expect(decode([Array("abc".utf8)], ends: false) == [])
        #expect(decode([Array("abc".utf8)]) == ["abc"])
        #expect(decode([Array("abc\n".utf8)]) == ["abc"])
        #expect(decode([]) == [])
    }

    @Test(arguments: [1, 3, 9, 10, 11, 64]) func aLineThatIsTooLongIsToldOnceAndTheNextIsFine(size: Int) {
        let bytes = Array((String(repeating: "x", count: 25) + "\nshort\n0123456789\n01234567890\nend").utf8)
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        #expect(decode(pieces, limit: 10) == [nil, "short", "0123456789", nil, "end"])
    }

    @Test func aLineThatIsTooLongMayBeTheLast() {
        #expect(decode([Array(repeating: UInt8(ascii: "x"), count: 11)], limit: 10) == [nil])
        #expect(decode(Array(repeating: Array("xxxx".utf8), count: 20), limit: 10) == [nil])
    }

    @Test func aLineMayBeGivenUpBeforeItEnds() {
        var decoder = LineDecoder(limit: 100)
        func feed(_ text: String) -> [String] {
            text.withUTF8Bytes { decoder.append($0) }
            var lines: [String] = []
            while case .line(let range)? = decoder.next() {
                lines.append(String(decoding: decoder.bytes[range], as: UTF8.self))
            }
            return lines
        }
        func giveUp() -> Bool { decoder.giveUp() }
        #expect(!giveUp())
        #expect(feed("one\nhalf a li") == ["one"])
        #expect(giveUp())
        #expect(decoder.pendingBytes == 0)
        #expect(!giveUp())
        // However long its rest is, it is skipped.
        #expect(feed(String(repeating: "x", count: 200)) == [])
        #expect(feed("ne\ntwo\n") == ["two"])
        // Whole lines that have not been asked for are not given up.
        "three\nfo".withUTF8Bytes { decoder.append($0) }
        #expect(!giveUp())
        #expect(feed("ur\n") == ["three", "four"])
    }

    @Test func keepsNoMoreThanALineMayHave() {
        var decoder = LineDecoder(limit: 1_000)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 300)
        var largest = 0
        for _ in 0..<10_000 {
            piece.withUnsafeBytes { decoder.append($0) }
            while decoder.next() != nil {}
            largest = max(largest, decoder.bytes.count)
        }
        #expect(largest <= 1_300)
        #expect(decoder.bytes.capacity < 8_192)
    }
}

extension String {
    fileprivate func withUTF8Bytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        var text = self
        text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    @Test func whatALongLineTookIsGivenBackOnceItIsTaken() {
        var decoder = LineDecoder()
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20) + Array("\nnext".utf8)
        long.withUnsafeBytes { decoder.append($0) }
        #expect(decoder.next() == .line(0..<(1 << 20)))
        #expect(decoder.next() == nil)
        decoder.trim()
        #expect(decoder.bytes.capacity < 1 << 17 && decoder.pendingBytes == 4)
        Array(" line\n".utf8).withUnsafeBytes { decoder.append($0) }
        #expect(decoder.next() == .line(0..<9))
    }
}
