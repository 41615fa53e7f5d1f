import Testing

@testable import agentd

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("a", 1), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日", 2), ("日本語", 6), ("한글", 4), ("ｱ", 1), ("Ａ", 2),
        ("👍", 2), ("👍🏽", 2), ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("☺\u{FE0F}", 2), ("☺", 1), ("ไทย", 3), ("─", 1), ("\u{200B}", 0),
        ("क्षि", 1), ("𠮷", 2), ("…", 1),
    ])
    func isWhatTerminalsShow(text: String, cells: Int) {
        #expect(DisplayWidth.of(text) == cells)
    }
}
