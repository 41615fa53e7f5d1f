import Testing

@testable import agentd

@Suite struct KeyDecoderTests {
    private func keys(_ text: String) -> [Key] {
        var decoder = KeyDecoder()
        return decoder.take(Array(text.utf8))
    }

    @Test(arguments: [
        ("a", Key.text("a")), ("é", .text("é")), ("日", .text("日")), ("👍", .text("👍")), ("\t", .text("\t")),
        ("\r", .enter), ("\n", .enter), ("\u{7F}", .backspace), ("\u{08}", .backspace), ("\u{03}", .interrupt),
        ("\u{04}", .endOfInput), ("\u{01}", .home), ("\u{05}", .end), ("\u{0B}", .killToEnd), ("\u{15}", .killToStart),
        ("\u{17}", .killWord), ("\u{1B}[A", .up), ("\u{1B}OB", .down), ("\u{1B}[C", .right), ("\u{1B}[D", .left),
        ("\u{1B}[H", .home), ("\u{1B}[4~", .end), ("\u{1B}[3~", .delete), ("\u{1B}[1;5D", .wordLeft),
        ("\u{1B}f", .wordRight), ("\u{1B}\r", .text("\n")), ("\u{1B}\u{1B}[A", .up),
    ])
    func knowsWhatTerminalsSend(bytes: String, key: Key) {
        #expect(keys(bytes) == [key])
        #expect(keys("x" + bytes + "y") == [.text("x"), key, .text("y")])
    }

    @Test(arguments: [
        "\u{1B}[99~", "\u{1B}[?1;2c", "\u{1B}Oz", "\u{1B}q", "\u{00}", "\u{9B}", "\u{1B}[1;2;3;4;5;6;7;8u",
    ])
    func dropsWhatItDoesNotKnow(bytes: String) {
        #expect(keys(bytes + "y") == [.text("y")])
    }

    @Test func aPasteIsOneTextWithoutAnythingATerminalActsOn() {
        #expect(
            keys("\u{1B}[200~one\r\ntwo\rthree\t\u{1B}[31m\u{03}\u{1B}[201~z") == [
                .text("one\ntwo\nthree\t[31m"), .text("z"),
            ])
        #expect(keys("\u{1B}[200~\u{1B}[201~z") == [.text("z")])
    }

    @Test func aPasteIsBounded() {
        var decoder = KeyDecoder()
        _ = decoder.take("\u{1B}[200~".utf8)
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: KeyDecoder.pasteLimit / 4)
        for _ in 0..<8 { #expect(decoder.take(piece).isEmpty) }
        let keys = decoder.take("\u{1B}[201~".utf8)
        #expect(keys == [.text(String(repeating: "a", count: KeyDecoder.pasteLimit))])
    }

    @Test func invalidBytesAreDroppedAndNothingElse() {
        var decoder = KeyDecoder()
        let bytes: [UInt8] = [0xFF, 0x61, 0xE6, 0x97, 0x62, 0x80, 0xC0, 0xED, 0xA0, 0x80, 0x63]
        #expect(decoder.take(bytes) == [.text("a"), .text("b"), .text("c")])
    }

    @Test func everyCutGivesTheSameKeys() {
        let bytes = Array("aé日👍\u{1B}[1;5C\u{1B}OA\u{1B}[200~x\r\u{1B}[y\u{1B}[201~\u{1B}\r\u{7F}b\u{1B}[3~".utf8)
        var whole = KeyDecoder()
        let expected = whole.take(bytes)
        for cut in 0...bytes.count {
            var decoder = KeyDecoder()
            #expect(decoder.take(bytes[..<cut]) + decoder.take(bytes[cut...]) == expected)
        }
        var decoder = KeyDecoder()
        #expect(bytes.flatMap { decoder.take([$0]) } == expected)
    }
}
