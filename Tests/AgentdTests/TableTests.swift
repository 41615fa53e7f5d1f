import Testing

@testable import agentd

@Suite struct TableTests {
    @Test func columnsStandUnderEachOtherWhateverTheirCharacters() {
        let widths = [4, 3, 5]
        #expect(Table.line(["ab", "c", "x"], widths, 80) == "ab    c    x")
        #expect(Table.line(["日本", "日", "x"], widths, 80) == "日本  日   x")
    }

    @Test func aLineIsNeverWiderThanItsTerminal() {
        #expect(Table.cut("abcdef", to: 6) == "abcdef")
        #expect(Table.cut("abcdefg", to: 6) == "abcde…")
        // The wide character would stick out by half.
        #expect(Table.cut("日本語", to: 4) == "日…")
        for columns in 1...12 {
            #expect(DisplayWidth.of(Table.line(["日本語", "x", "日本語"], [6, 1, 6], columns)) <= columns)
        }
    }
}
