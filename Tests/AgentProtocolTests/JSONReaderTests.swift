import AgentProtocol
import Testing

@Suite struct JSONReaderTests {
    /// Texts that are JSON, and what they are when written again.
    static let accepted: [(String, String)] = [
        ("null", "null"), (" true ", "true"), ("\t\r\n false\n", "false"), ("\"\"", "\"\""), ("[]", "[]"), ("{}", "{}"),
        ("0", "0"), ("-0", "-0"), ("1", "1"), ("-17", "-17"), ("1.0", "1.0"), ("1.10", "1.10"), ("1e5", "1e5"),
        ("1E+5", "1E+5"), ("1e-05", "1e-05"), ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1e999", "1e999"), ("0.1e1", "0.1e1"), ("[1, 2 ,3]", "[1,2,3]"), ("[[[]]]", "[[[]]]"),
        ("{ \"a\" : 1 , \"b\" : [ ] }", "{\"a\":1,\"b\":[]}"), ("{\"\":0}", "{\"\":0}"), ("\"a\\/b\"", "\"a/b\""),
        ("\"\\u0041\"", "\"A\""), ("\"\\u00e9\\u20AC\"", "\"é€\""), ("\"\\ud83d\\ude00\"", "\"😀\""), ("\"😀\"", "\"😀\""),
        ("\"\\\"\\\\\\b\\f\\n\\r\\t\"", "\"\\\"\\\\\\b\\f\\n\\r\\t\""), ("\"\u{7f}\"", "\"\\u007f\""),
        ("\"\u{FFFF}\u{10FFFF}\"", "\"\u{FFFF}\u{10FFFF}\""),
        ("{\"a\":{\"a\":{\"a\":null}}}", "{\"a\":{\"a\":{\"a\":null}}}"),
        ("{\"\u{e9}\":1,\"e\u{301}\":2}", "{\"\u{e9}\":1,\"e\u{301}\":2}"), ("\"\\ufeff\"", "\"\u{feff}\""),
    ]

    /// Texts that are not, or not for us.
    static let refused: [String] = [
        "", " ", "nul", "nulll", "True", "tru", "NaN", "Infinity", "-Infinity", "undefined", "'a'", "a", "/**/1",
        "1 //",
        "1 2", "{} {}", "[1,]", "[,1]", "[1 2]", "[1", "]", "[", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
        "{1:2}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{,}", "{\"a\":1]", "[1}", "{null:1}", "01", "-01", "-", "+1", ".5",
        "1.", "1.e5", "1e", "1e+", "1e1.5", "0x10", "1_000", "--1", "00", "\"", "\"abc", "\"\\", "\"\\\"", "\"\\x\"",
        "\"\\u\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u 123\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud800\\n\"",
        "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\udc00\"", "\"\\U0041\"", "\"\\'\"", "\"\n\"", "\"\t\"",
        "\"\u{1}\"",
        "\"\u{1f}\"", "\"\\\u{1}\"", "\u{FEFF}1", "\u{a0}1", "\u{c}1", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
        "[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]", "\0", "1\0", "\"\0\"",
    ]

    /// Bytes in a string that are not UTF-8.
    static let notUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
        [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
        [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ]

    @Test(arguments: accepted) func whatIsJSONIsReadAndMeansTheSame(_ text: String, _ again: String) throws {
        var writer = JSONWriter()
        writer.value(try JSONReader.read(text))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == again)
    }

    @Test(arguments: refused) func whatIsNotJSONIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONReader.read(text) }
    }

    @Test(arguments: notUTF8) func whatIsNotUTF8IsRefused(_ bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONReader.read([0x22] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0x5C, 0x6E] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSONReader.read(bytes) }
    }

    @Test func everyPrefixOfATextIsRefused() throws {
        let text = Array(#"{"a":[1.5e3,"é\u00e9\n",true,null,{"b":-2}]}"#.utf8)
        _ = try JSONReader.read(text)
        for length in text.indices {
            #expect(throws: JSONError.self) { try JSONReader.read(Array(text[..<length])) }
        }
    }

    @Test func anErrorSaysWhereAndWhy() {
        #expect(throws: JSONError(reason: "a name occurs twice", offset: 9)) {
            try JSONReader.read(#"{"a":1 , "a":2}"#)
        }
        #expect(throws: JSONError(reason: "no value begins like this", offset: 3)) { try JSONReader.read("[1,x]") }
    }

    @Test func nestingIsAllowedUpToTheDepthAndNotBeyond() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        _ = try JSONReader.read(nested(Limits.jsonDepth))
        #expect(throws: JSONError.self) { try JSONReader.read(nested(Limits.jsonDepth + 1)) }
        _ = try JSONReader.read("1", depth: 0)
        #expect(throws: JSONError.self) { try JSONReader.read("{}", depth: 0) }
    }

    @Test func aHundredThousandLevelsAreRefusedWithoutACrash() {
        #expect(throws: JSONError.self) { try JSONReader.read(String(repeating: "[", count: 100_000)) }
        #expect(throws: JSONError.self) { try JSONReader.read(String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test func twoHundredThousandNamesAreReadAndARepeatedOneAmongThemIsRefused() throws {
        let members = (0..<200_000).map { "\"\($0)\":\($0)" }.joined(separator: ",")
        let object = try JSONReader.read(Array("{\(members)}".utf8), values: .max).object
        #expect(object?.members.count == 200_000)
        #expect(object?["199999"]?.int64 == 199_999)
        let repeated = Array("{\(members),\"100000\":0}".utf8)
        #expect(throws: JSONError.self) { try JSONReader.read(repeated, values: .max) }
    }

    @Test func valuesAreCountedWhereverTheyStand() throws {
        let text = Array(#"[1,{"a":[[],{}]},"x"]"#.utf8)
        #expect(try JSONReader.read(text, values: 7).array?.count == 3)
        #expect(throws: JSONError.self) { try JSONReader.read(text, values: 6) }
        let zeros = { "[" + String(repeating: "0,", count: $0 - 2) + "0]" }
        #expect(try JSONReader.read(zeros(Limits.jsonValues)).array?.count == Limits.jsonValues - 1)
        #expect(throws: JSONError.self) { try JSONReader.read(zeros(Limits.jsonValues + 1)) }
    }

    @Test(arguments: 1...20) func aRepeatedNameIsFoundWhereverItStands(_ count: Int) {
        let names = (0..<count).map { "\"n\($0)\":0" }
        for name in names {
            #expect(throws: JSONError.self) {
                try JSONReader.read("{\((names + [name]).joined(separator: ","))}")
            }
        }
    }

    @Test func aNumberIsKeptAsItWasWrittenAndBounded() throws {
        let long = String(repeating: "1", count: Limits.jsonNumberBytes)
        guard case .number(let number) = try JSONReader.read(long) else {
            Issue.record("a number was expected")
            return
        }
        #expect(number.text == long)
        #expect(throws: JSONError.self) { try JSONReader.read(long + "1") }
    }

    @Test func onlyPlainIntegersBelowTwoToThe53AreIntegers() throws {
        #expect(try JSONReader.read("9007199254740991").int64 == 9_007_199_254_740_991)
        #expect(try JSONReader.read("-9007199254740991").int64 == -9_007_199_254_740_991)
        for text in [
            "9007199254740992", "-9007199254740992", "-9223372036854775808", "1.0", "1e3", "99999999999999999999",
        ] {
            #expect(try JSONReader.read(text).int64 == nil)
        }
    }

    @Test func namesThatLookAlikeButDifferInBytesAreDifferentMembers() throws {
        let object = try JSONReader.read("{\"\u{e9}\":1,\"e\u{301}\":2}").object
        #expect(object?["\u{e9}"]?.int64 == 1)
        #expect(object?["e\u{301}"]?.int64 == 2)
    }
}
