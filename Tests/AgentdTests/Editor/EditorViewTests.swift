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
        screen.write(view.erase() + "after")
        #expect(screen.text == ["before", "after"])
    }

    @Test func whatIsLeftStaysAndTheCursorIsBelowIt() {
        var view = EditorView()
        var screen = Screen()
        let layout = EditorLayout(prompt: "> ", before: "ab", after: "cdefghij", columns: 6)
        screen.write(view.draw(layout) + view.leave() + "after")
        #expect(screen.text == layout.rows + ["after"])
        #expect(view.erase() == "")
    }
}
