import Testing

@testable import agentd

@Suite struct AnswerTextTests {
    private func delta(_ message: String, _ content: String) throws -> ClientFrame {
        try ClientFrame(
            Array(#"{"event":"run_content","message_id":"\#(message)","content":"\#(content)"}"#.utf8))
    }

    @Test func deltasOfAMessageAreOneText() throws {
        var answer = AnswerText()
        #expect(answer.text == "")
        let shown = try ["Hel", "lo", "!"].map { answer.add(try delta("m1", $0)) }
        #expect(shown == ["Hel", "lo", "!"])
        #expect(answer.text == "Hello!")
    }

    @Test func messagesAreJoinedByABlankLineAndShownSo() throws {
        var answer = AnswerText()
        let said = [("m1", "one"), ("m1", "."), ("m2", "two"), ("m3", "three")]
        let shown = try said.map { answer.add(try delta($0, $1)) }.joined()
        #expect(shown == "one.\n\ntwo\n\nthree")
        #expect(answer.text == shown)
    }

    @Test func aMessageWithoutTextTakesNoLine() throws {
        var answer = AnswerText()
        let shown = try [("m1", ""), ("m2", "two"), ("m3", ""), ("m4", "four")].map { answer.add(try delta($0, $1)) }
        #expect(answer.text == "two\n\nfour")
        #expect(shown.joined() == answer.text)
    }

    @Test func aMessageThatIsTakenBackIsNotPartOfTheAnswer() throws {
        var answer = AnswerText()
        for (message, text) in [("m1", "one"), ("m2", "wrong"), ("m3", "two")] {
            _ = answer.add(try delta(message, text))
            if message == "m2" { answer.discard("m2") }
        }
        #expect(answer.text == "one\n\ntwo")
    }
}
