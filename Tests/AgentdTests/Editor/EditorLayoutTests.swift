import Testing

@testable import agentd

@Suite struct EditorLayoutTests {
    private func layout(_ before: String, _ after: String = "", columns: Int = 8) -> EditorLayout {
        EditorLayout(prompt: "> ", before: before, after: after, columns: columns)
    }

    @Test func aShortLineIsOneRow() {
        let layout = layout("ab", "c")
        #expect(layout.rows == ["> abc"])
        #expect(layout.cursorRow == 0)
        #expect(layout.cursorColumn == 4)
    }

    @Test func aLongLineGoesOnInTheNextRow() {
        #expect(layout("abcdefgh").rows == ["> abcdef", "gh"])
        #expect(layout("abcdefgh").cursorColumn == 2)
    }

    @Test func aWideCharacterIsNeverCutByTheEdge() {
        #expect(layout("日本語x").rows == ["> 日本語", "x"])
        let odd = layout("a日本語")
        #expect(odd.rows == ["> a日本", "語"])
        #expect(odd.cursorColumn == 2)
    }

    @Test func aCursorBehindAFullRowStandsOnTheNext() {
        let full = layout("abcdef")
        #expect(full.rows == ["> abcdef", ""])
        #expect((full.cursorRow, full.cursorColumn) == (1, 0))
        let inside = layout("abcdef", "gh")
        #expect(inside.rows == ["> abcdef", "gh"])
        #expect((inside.cursorRow, inside.cursorColumn) == (1, 0))
    }

    @Test func lineFeedsAndTabsAreShown() {
        #expect(layout("a\nb").rows == ["> a", "  b"])
        #expect(layout("\tb").rows == [">     b"])
    }

    @Test func aLowTerminalShowsTheRowsAroundTheCursor() {
        let layout = layout("a\nb\nc\nd", "\ne\nf")
        #expect(layout.window(height: 2).rows == ["  c", "  d"])
        #expect(layout.window(height: 2).cursorRow == 1)
        #expect(layout.window(height: 9) == layout)
        #expect(self.layout("", "a\nb\nc").window(height: 1).rows == ["> a"])
    }

    @Test(arguments: 2...9) func noRowIsWiderThanItsTerminal(columns: Int) {
        let text = "日a\t本語\nab👍🏽cd\n\n한글e\u{301}x"
        for cut in text.indices {
            let layout = layout(String(text[..<cut]), String(text[cut...]), columns: columns)
            #expect(layout.rows.allSatisfy { DisplayWidth.of($0) <= columns })
            #expect(layout.cursorColumn < columns)
            #expect(layout.cursorColumn <= DisplayWidth.of(layout.rows[layout.cursorRow]))
        }
    }
}
