import Testing

@testable import AgentConfig

@Suite struct KeyLocatorTests {
    private func place(_ path: String..., in text: String) -> [Int]? {
        KeyLocator(text).position(of: path).map { [$0.line, $0.column] }
    }

    @Test func findsKeysOfTablesAndTheTablesThemselves() {
        let text = "a = 1\n[ b . c ]\n  d = 2\n[[e]]\nf = 3"
        #expect(place("a", in: text) == [1, 1])
        #expect(place("b", in: text) == [2, 3])
        #expect(place("b", "c", in: text) == [2, 7])
        #expect(place("b", "c", "d", in: text) == [3, 3])
        #expect(place("e", "f", in: text) == [5, 1])
        #expect(place("d", in: text) == nil)
    }

    @Test func findsDottedKeysAndInlineTables() {
        let text = "a.b = { c = [1, {d = 2}], e.f = 3 }\ng = [\n  # {h = 1}\n  { i = 1 },\n]"
        #expect(place("a", "b", in: text) == [1, 3])
        #expect(place("a", "b", "c", "d", in: text) == [1, 18])
        #expect(place("a", "b", "e", "f", in: text) == [1, 29])
        #expect(place("g", "i", in: text) == [4, 5])
        #expect(place("g", "h", in: text) == nil)
    }

    @Test func readsQuotedKeysWithTheirEscapes() {
        let text = #"""
            "a.b" = 1
            'c\d' = 2
            "e\"\u0066" = 3
            [x."y z"]
            w = 4
            """#
        #expect(place("a.b", in: text) == [1, 1])
        #expect(place("c\\d", in: text) == [2, 1])
        #expect(place("e\"f", in: text) == [3, 1])
        #expect(place("x", "y z", "w", in: text) == [5, 1])
    }

    @Test func isNotMisledByWhatStringsHold() {
        let text = #"""
            a = "[x] \" # y = 1"
            b = '\'
            c = """
            z = 1 \"""
            q = 2"""""
            d = '''
            z = 1'' ''' # z = 2
            e = 1979-05-27 07:32:00
            f = ["]", '}']
            g = 1
            """#
        #expect(place("z", in: text) == nil)
        #expect(place("q", in: text) == nil)
        #expect(["a", "b", "c", "d", "e", "f", "g"].map { place($0, in: text)?[0] } == [1, 2, 3, 6, 8, 9, 10])
    }

    @Test func countsCharactersAndKnowsWindowsLines() {
        #expect(place("b", in: "\u{FEFF}a = 'ö'\r\nb = 1") == [2, 1])
        #expect(place("x", "ö", in: "x = {k = 'öö', 'ö' = 1}") == [1, 16])
    }

    @Test(arguments: [
        "[", "[a", "=", "a", "a =", "a = [", "a = {", "a = {b", "a = \"\"\"", "a = [}", "a = {]}", "'", "\"\\",
    ])
    func comesToAnEndOnWhatIsNoTOML(text: String) {
        _ = KeyLocator(text)
    }
}
