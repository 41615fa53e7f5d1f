import AgentProtocol
import Testing

@Suite struct JSONEscapingTests {
    private func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONEscaping.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func unescaped(_ text: String) -> String {
        Array(text.utf8).withUnsafeBytes { JSONEscaping.unescape($0) }
    }

    @Test(arguments: 0..<0x20) func everyControlCharacterIsEscapedAndComesBack(_ value: Int) throws {
        let text = "a" + String(UnicodeScalar(UInt8(value))) + "z"
        let line = escaped(text)
        #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        // NUL, which our own reader refuses, comes back as the mark of a bad byte.
        #expect(value > 0 || line == #"a\ufffdz"#)
        if value > 0 {
            #expect(unescaped(line) == text)
            #expect(try JSONReader.read("\"\(line)\"").string == text)
        }
    }

    @Test(arguments: [
        ("\"", #"\""#), ("\\", #"\\"#), ("\n\t\r", #"\n\t\r"#), ("\u{8}\u{c}", #"\b\f"#),
        ("\u{1}\u{1f}", #"\u0001\u001f"#),
        ("\u{7f}", #"\u007f"#), ("\u{2028}\u{2029}", #"\u2028\u2029"#), ("\u{2027}\u{202a}", "\u{2027}\u{202a}"),
        ("â€", "â€"), ("/<>&'", "/<>&'"), ("", ""), ("é😀", "é😀"), ("a\u{2028}b\"c", #"a\u2028b\"c"#),
    ]) func onlyWhatTripsPeersIsEscaped(_ text: String, _ line: String) {
        #expect(escaped(text) == line)
        #expect(unescaped(line) == text)
    }

    @Test func everyCharacterOfThePlaneComesBack() throws {
        for start in stride(from: UInt32(1), to: 0x11000, by: 0x400) {
            var text = String.UnicodeScalarView()
            for value in start..<start + 0x400 { Unicode.Scalar(value).map { text.append($0) } }
            let string = String(text)
            #expect(unescaped(escaped(string)) == string)
            let count = Array(escaped(string).utf8).withUnsafeBytes { JSONEscaping.unescapedCount($0) }
            #expect(count == string.utf8.count)
            #expect(try JSONReader.read("\"\(escaped(string))\"").string == string)
        }
    }

    @Test(arguments: [(#"\ud83d\ude00"#, 4), (#"a\u00e9\n\/b"#, 6), (#"\u2028"#, 3), ("é", 2), ("", 0)])
    func bytesAreCountedAsTheyWillBe(_ line: String, _ count: Int) {
        #expect(Array(line.utf8).withUnsafeBytes { JSONEscaping.unescapedCount($0) } == count)
        #expect(unescaped(line).utf8.count == count)
    }

    @Test func whatIsNotEscapedRightIsGivenBackAsItStands() {
        #expect(unescaped(#"a\x"#) == #"a\x"#)
        #expect(unescaped(#"a\"#) == #"a\"#)
        #expect(unescaped(#"\ud800"#) == #"\ud800"#)
    }
}
