import Testing

@testable import agentd

@Suite struct EditorViewTests {
    private let keys: [Key] = [
        .text("a"), .text("日"), .text("👍"), .text("\n"), .text("long words and more "), .left, .left, .right, .home,
        .end,
        .backspace, .delete, .killWord, .wordLeft, .up, .down,
    ]

    @Test(arguments: [(8, 20), (20, 20), (9, 3)])
    func whateverIsTypedTheScreenShowsItAndNothingElse(columns: Int, height: Int) {
        var random = SystemRandomNumberGenerator()
        var editor = LineEditor()
        var view = EditorView()
        var screen = Screen()
        screen.write("before\r\n")
        for _ in 0..<500 {
            _ = editor.take(keys.randomElement(using: &random)!)
            let layout = EditorLayout(prompt: "> ", before: editor.before, after: editor.after, columns: columns)
                .window(height: height)
            screen.write(view.draw(layout))
            let shown = layout.rows.map { String($0.reversed().drop { $0 == " " }.reversed()) }
            #expect(screen.text == ["before"] + shown.reversed().drop(while: \.isEmpty).reversed())
            #expect((screen.row, screen.column) == (1 + layout.cursorRow, layout.cursorColumn))
        }
        screen.write(view.erase(columns: columns) + "after")
        #expect(screen.text == ["before", "after"])
    }

    @Test(arguments: [(20, 7), (20, 9), (7, 20), (12, 12)])
    func aTerminalThatGetsAnotherWidthShowsTheQuestionOnce(before: Int, after: Int) {
        for cut in [0, 3, 17, 33] {
            let text = "one two three four five six seven"
            let (left, right) = (String(text.prefix(cut)), String(text.dropFirst(cut)))
            var view = EditorView()
            var screen = Screen()
            screen.write("before\r\n")
            screen.write(view.draw(EditorLayout(prompt: "> ", before: left, after: right, columns: before)))
            screen.wrap(columns: after)
            let layout = EditorLayout(prompt: "> ", before: left, after: right, columns: after)
            screen.write(view.draw(layout))
            let shown = layout.rows.map { $0.hasSuffix(" ") ? String($0.dropLast()) : $0 }
            #expect(screen.text == ["before"] + shown.filter { !$0.isEmpty })
            #expect((screen.row, screen.column) == (1 + layout.cursorRow, layout.cursorColumn))
        }
    }

    @Test func whatIsLeftStaysAndTheCursorIsBelowIt() {
        var view = EditorView()
        var screen = Screen()
        let layout = EditorLayout(prompt: "> ", before: "ab", after: "cdefghij", columns: 6)
        screen.write(view.draw(layout) + view.leave(columns: 6) + "after")
        #expect(screen.text == layout.rows + ["after"])
        #expect(view.erase(columns: 6) == "")
    }
}
