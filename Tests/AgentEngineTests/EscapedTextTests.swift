import AgentProtocol
import Testing

@testable import AgentEngine

@Suite struct EscapedTextTests {
    /// Every kind of unit side by side: plain, of two to four bytes, short escapes, long ones, and surrogate pairs in
    /// capitals and not.
    private static let nasty = Array(
        #"aé€😀\n\"\\\/\u00e9\u2028\u007f\ud83d\ude00\uD83D\uDE00\uDBFF\uDFFF\uda00\udc00\\ud83d\ue000é\u0001z"#.utf8)

    private func text(_ bytes: some Sequence<UInt8>) throws -> String? {
        try JSONReader.read([UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]).string
    }

    @Test(arguments: 12...Self.nasty.count + 1) func isNeverCutInsideAUnit(limit: Int) throws {
        let bytes = Self.nasty
        var start = 0
        var joined = ""
        while start < bytes.count {
            let end = EscapedText.boundary(in: bytes, from: start, limit: limit)
            try #require(end > start)
            #expect(end - start <= limit)
            joined += try #require(try text(bytes[start..<end]))
            start = end
        }
        #expect(joined == (try text(bytes)))
    }

    @Test(arguments: 12...40) func isCutAsLateAsItMayBe(limit: Int) {
        let bytes = Self.nasty
        let end = EscapedText.boundary(in: bytes, from: 0, limit: limit)
        let later = (end + 1..<bytes.count).first { (try? text(bytes[..<$0])) != nil } ?? bytes.count
        #expect(later > limit)
    }

    @Test func aTextThatFitsIsNotCut() {
        let bytes = Self.nasty
        #expect(EscapedText.boundary(in: bytes, from: 0, limit: bytes.count) == bytes.count)
        #expect(EscapedText.boundary(in: bytes, from: 0, limit: Int.max) == bytes.count)
        #expect(EscapedText.boundary(in: bytes, from: bytes.count, limit: 12) == bytes.count)
        #expect(EscapedText.boundary(in: [], from: 0, limit: 12) == 0)
    }
}
