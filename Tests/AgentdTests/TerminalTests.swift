import Testing

@testable import agentd

@Suite struct TerminalTests {
    @Test func nothingThatATerminalActsOnIsLeft() {
        let every = String(String.UnicodeScalarView((0...0x9F).compactMap(Unicode.Scalar.init)))
        let left = Terminal.harmless(every).unicodeScalars.filter {
            $0.value < 0x20 || (0x7F...0x9F).contains($0.value)
        }
        #expect(Array(left) == ["\t", "\n"])
        #expect(Terminal.harmless("\u{1B}]0;title\u{7}\u{9B}2J\u{7F}") == "^[]0;title^GM-^[2J^?")
    }

    @Test func lineEndsOfEveryKindStayLineEnds() {
        #expect(Terminal.harmless("a\r\nb\nc") == "a\nb\nc")
    }

    @Test func allElseStaysAsItIs() {
        let text = "é 日本語 👩‍👩‍👧 \u{202F} tab\t"
        #expect(Terminal.harmless(text) == text)
    }

    @Test func aFieldIsOneLine() {
        #expect(Terminal.oneLine("a\tb\nc\u{1B}") == #"a\tb\nc^["#)
    }
}
