import Testing

@testable import agentd

@Suite struct LineEditorTests {
    /// The two halves after some keys, with the cursor as a bar.
    private func after(_ keys: [Key], in editor: LineEditor = LineEditor()) -> String {
        var editor = editor
        for key in keys { _ = editor.take(key) }
        return editor.before + "|" + editor.after
    }

    @Test(arguments: [
        ([Key.text("abc"), .left, .text("x")], "abx|c"),
        ([.text("abc"), .home, .delete], "|bc"),
        ([.text("abc"), .home, .right, .backspace], "|bc"),
        ([.text("abc"), .left, .left, .killToEnd], "a|"),
        ([.text("abc"), .left, .killToStart], "|c"),
        ([.text("one two "), .killWord], "one |"),
        ([.text("one two"), .killWord, .killWord, .killWord], "|"),
        ([.text("one two"), .killWord, .home, .yank], "two|one "),
        ([.text("one  two"), .wordLeft, .wordLeft, .wordRight], "one|  two"),
        ([.text("one two"), .home, .wordRight, .wordRight, .wordRight], "one two|"),
        ([.text("ab"), .left, .home, .end], "ab|"),
        ([.backspace, .delete, .left, .right, .up, .down, .wordLeft, .wordRight, .killWord, .yank], "|"),
        ([.text("abc"), .interrupt], "|"),
        ([.text("abc"), .home, .endOfInput], "|bc"),
    ])
    func keysDoWhatTheyDoElsewhere(keys: [Key], text: String) {
        #expect(after(keys) == text)
    }

    @Test func whatIsOneCharacterToAReaderIsOneToTheCursor() {
        let family = "👩‍👩‍👧"
        #expect(after([.text(family), .text("e"), .text("\u{301}"), .left, .left]) == "|" + family + "é")
        #expect(after([.text("日"), .text(family), .backspace]) == "日|")
        #expect(after([.text("🇩🇪"), .text("x"), .left, .backspace]) == "|x")
    }

    @Test func enterSendsAndEmptiesAndABlankLineIsNothing() {
        var editor = LineEditor()
        _ = editor.take(.text(" \t"))
        #expect(editor.take(.enter) == .edited)
        _ = editor.take(.text("hi"))
        _ = editor.take(.left)
        #expect(editor.take(.enter) == .submitted("hi"))
        #expect(editor.text == "")
    }

    @Test func anEmptyLineCanBeLeft() {
        var editor = LineEditor()
        #expect(editor.take(.interrupt) == .interrupted)
        #expect(editor.take(.endOfInput) == .ended)
        _ = editor.take(.text("a"))
        #expect(editor.take(.interrupt) == .edited)
        #expect(editor.take(.interrupt) == .interrupted)
    }

    @Test func oldQuestionsComeBackAndTheNewOneIsKept() {
        var editor = LineEditor()
        for question in ["one", "two", "two"] { editor.remember(question) }
        #expect(after([.text("new"), .up], in: editor) == "two|")
        #expect(after([.text("new"), .up, .up, .up], in: editor) == "one|")
        #expect(after([.text("new"), .up, .up, .down, .down, .down], in: editor) == "new|")
        #expect(after([.up, .text("!"), .enter, .up], in: editor) == "two!|")
    }

    @Test func theHistoryIsBounded() {
        var editor = LineEditor()
        for number in 0..<LineEditor.historyLimit * 2 { editor.remember("\(number)") }
        for _ in 0..<LineEditor.historyLimit * 2 { _ = editor.take(.up) }
        #expect(editor.text == "\(LineEditor.historyLimit)")
    }
}
