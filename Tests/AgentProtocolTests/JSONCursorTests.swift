import AgentProtocol
import Testing

@Suite struct JSONCursorTests {
    /// Passes a text by; whether it was taken for JSON.
    private static func accepts(_ bytes: [UInt8], depth: Int = Limits.jsonDepth) -> Bool {
        bytes.withUnsafeBytes { bytes in
            do throws(JSONError) {
                var cursor = JSONCursor(bytes, depth: depth)
                try cursor.finish()
                return true
            } catch { return false }
        }
    }

    /// Builds the tree again, with the cursor's steps alone.
    private static func tree(_ cursor: inout JSONCursor) throws(JSONError) -> JSONValue {
        switch cursor.kind {
        case .object:
            _ = try cursor.enterObject()
            var object = JSONObject()
            while try cursor.nextMember() {
                let name = cursor.key.string
                object.append(name, try tree(&cursor))
            }
            return .object(object)
        case .array:
            _ = try cursor.enterArray()
            var elements: [JSONValue] = []
            while try cursor.nextElement() { elements.append(try tree(&cursor)) }
            return .array(elements)
        case .string: return .string(try cursor.string()?.string ?? "")
        case .boolean: return .bool(try cursor.boolean() ?? false)
        default: return try cursor.value()
        }
    }

    private static func tree(of bytes: [UInt8]) throws -> JSONValue {
        try bytes.withUnsafeBytes { bytes in
            var cursor = JSONCursor(bytes)
            let value = try tree(&cursor)
            try cursor.finish()
            return value
        }
    }

    @Test(arguments: JSONReaderTests.accepted.map(\.0)) func whatTheReaderTakesMeansTheSameHere(_ text: String) throws {
        #expect(Self.accepts(Array(text.utf8)))
        #expect(try Self.tree(of: Array(text.utf8)) == JSONReader.read(text))
    }

    /// What the reader refuses for its meaning and not for its form.
    private static let lenient: Set<String> = [
        "\"\\u0000\"", "\"\\ud800\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\udc00\"",
        "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]",
    ]

    @Test(arguments: JSONReaderTests.refused) func whatTheReaderRefusesIsRefusedHere(_ text: String) {
        #expect(Self.accepts(Array(text.utf8)) == Self.lenient.contains(text))
        if !Self.lenient.contains(text) { #expect(throws: JSONError.self) { try Self.tree(of: Array(text.utf8)) } }
    }

    @Test func nestingIsBoundedWithoutRecursion() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ levels: Int) -> [UInt8] {
                Array((String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)).utf8)
            }
            #expect(Self.accepts(nested(64)) && !Self.accepts(nested(65)) && !Self.accepts(nested(3), depth: 2))
            #expect(!Self.accepts(Array(String(repeating: open, count: 100_000).utf8)))
        }
    }

    @Test func everyPrefixIsRefusedAndNoByteIsReadBeyondTheEnd() {
        let text = Array(#" {"a":[1.5e3,"é\u00e9\n",true,null,{"b":-2}],"c":{"d":"\ud83d\ude00"}} "#.utf8)
        for length in 0..<text.count - 2 { #expect(!Self.accepts(Array(text[..<length]))) }
        #expect(Self.accepts(text))
    }

    /// Texts with one byte changed: the cursor may be kinder than the reader only where that is written down.
    @Test func changedTextsAreJudgedLikeTheReaderJudgesThem() throws {
        let text = Array(
            #"{"id":"x1","choices":[{"index":0,"delta":{"content":"Größe \"q\" \u4f60\\n"},"f":null}],"n":[-1.5e+3,true,[]]}"#
                .utf8)
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[place] = byte
                let strict = (try? JSONReader.read(changed)) != nil
                let kind = Self.accepts(changed)
                #expect(kind || !strict, "byte \(byte) at \(place)")
                if kind, !strict {
                    // A broken character, half of a pair, or a name that now comes twice.
                    let value = try Self.tree(of: changed)
                    var writer = JSONWriter()
                    writer.value(value)
                    let isOdd =
                        String(validating: changed, as: UTF8.self) == nil || (try? JSONReader.read(writer.bytes)) == nil
                        || String(decoding: writer.bytes, as: UTF8.self).contains("\u{FFFD}")
                    #expect(isOdd, "byte \(byte) at \(place)")
                }
            }
        }
    }

    @Test func valuesOfAnotherKindAreLeftAlone() throws {
        try Array(#"{"a":"x","b":5,"c":[1],"d":1e2,"e":9007199254740992,"f":1.5,"g":-0,"h":false,"i":null}"#.utf8)
            .withUnsafeBytes { bytes in
                var cursor = JSONCursor(bytes)
                #expect(try !cursor.enterArray() && cursor.string() == nil)
                #expect(try cursor.enterObject())
                var seen: [String] = []
                while try cursor.nextMember() {
                    seen.append(cursor.key.string)
                    if cursor.isKey("a") {
                        #expect(
                            try cursor.integer() == nil && cursor.double() == nil && cursor.boolean() == nil
                                && cursor.string()?.string == "x")
                    }
                    if cursor.isKey("b") { #expect(try cursor.integer() == 5) }
                    if cursor.isKey("c") { #expect(try cursor.raw().elementsEqual("[1]".utf8)) }
                    if cursor.isKey("d") { #expect(try cursor.integer() == 100) }
                    if cursor.isKey("e") { #expect(try cursor.integer() == nil) }
                    if cursor.isKey("f") { #expect(try cursor.double() == 1.5) }
                    if cursor.isKey("g") { #expect(try cursor.integer() == 0) }
                    if cursor.isKey("h") { #expect(try cursor.boolean() == false) }
                    if cursor.isKey("i") { #expect(cursor.kind == .null) }
                }
                try cursor.finish()
                #expect(seen == ["a", "b", "c", "d", "e", "f", "g", "h", "i"])
            }
    }

    @Test func aNameWithEscapesIsTheSameName() throws {
        try Array(#"{"cont\u0065nt":1}"#.utf8).withUnsafeBytes { bytes in
            var cursor = JSONCursor(bytes)
            _ = try cursor.enterObject()
            _ = try cursor.nextMember()
            #expect(cursor.isKey("content") && !cursor.isKey("other"))
        }
    }

    // MARK: Text

    /// Joins the strings of an array; the pieces as they came out.
    private static func join(_ json: [UInt8]) throws -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        try json.withUnsafeBytes { bytes in
            var stream = JSONCursor.TextStream()
            var cursor = JSONCursor(bytes)
            _ = try cursor.enterArray()
            while try cursor.nextElement() {
                if let slice = try cursor.string() { stream.take(slice) { pieces.append(Array($0)) } }
            }
            stream.end { pieces.append(Array($0)) }
        }
        return pieces
    }

    @Test(arguments: [
        (#"["abc\n\"\\"]"#, #"abc\n\"\\"#), (#"["a\/b"]"#, "a/b"), (#"["\u0041\u00e9\u20AC"]"#, "Aé€"),
        (#"["\u0007\u001F\u007f"]"#, #"\u0007\u001f\u007f"#),
        ("[\"a\u{7f}b\u{2028}c\u{2029}d\u{2027}\"]", #"a\u007fb\u2028c\u2029d"# + "\u{2027}"),
        (#"["\u2028"]"#, #"\u2028"#), (#"["\u000a\u0022\u005c"]"#, #"\n\"\\"#),
        (#"["\ud83d\ude00"]"#, "😀"), (#"["\ud83d","\ude00"]"#, "😀"), (#"["a\ud83d","","\ude00b"]"#, "a😀b"),
        (#"["\ud83d"]"#, "\u{FFFD}"), (#"["\ude00"]"#, "\u{FFFD}"),
        (#"["\ud83d","a"]"#, "\u{FFFD}a"), (#"["\ud83d\ud83d\ude00"]"#, "\u{FFFD}😀"),
        (#"["\ud83d","\n"]"#, "\u{FFFD}\\n"), (#"["\ud83dé"]"#, "\u{FFFD}é"), (#"["a\u0000b"]"#, "a\u{FFFD}b"),
        (#"["\ud83d","\u0041"]"#, "\u{FFFD}A"), (#"["\ud83d\/"]"#, "\u{FFFD}/"), (#"["",""]"#, ""),
    ]) func textComesOutAsWeEscapeIt(_ json: String, _ expected: String) throws {
        let pieces = try Self.join(Array(json.utf8))
        #expect(String(decoding: pieces.joined(), as: UTF8.self) == expected)
        #expect(pieces.allSatisfy { !$0.isEmpty && String(validating: $0, as: UTF8.self) != nil })
    }

    @Test(arguments: JSONReaderTests.notUTF8) func whatIsNoTextIsMended(_ bytes: [UInt8]) throws {
        let pieces = try Self.join([0x5B, 0x22, 0x61] + bytes + [0x62, 0x22, 0x5D])
        #expect(
            String(decoding: pieces.joined(), as: UTF8.self) == String(decoding: [0x61] + bytes + [0x62], as: UTF8.self)
        )
    }

    /// Every character there is, raw and escaped: what comes out is what the escaping writes.
    @Test func everyCharacterHasOneForm() throws {
        for start in stride(from: UInt32(1), to: 0x110000, by: 61) {
            guard let scalar = Unicode.Scalar(start) else { continue }
            var expected: [UInt8] = []
            JSONEscaping.append(String(scalar), to: &expected)
            var forms = [String(scalar).utf16.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }.joined()]
            if start >= 0x20, start != 0x22, start != 0x5C { forms.append(String(scalar)) }
            for form in forms {
                let pieces = try Self.join(Array("[\"\(form)\"]".utf8))
                #expect(Array(pieces.joined()) == expected, "U+\(String(start, radix: 16))")
            }
        }
    }

    @Test func textInOurFormIsNotCopied() throws {
        try Array(#"["Größe \"n\" 你好\n"]"#.utf8).withUnsafeBytes { bytes in
            var stream = JSONCursor.TextStream()
            var cursor = JSONCursor(bytes)
            _ = try cursor.enterArray()
            _ = try cursor.nextElement()
            let slice = try #require(try cursor.string())
            #expect(slice.isCanonical)
            stream.take(slice) { #expect($0.baseAddress == bytes.baseAddress! + 2) }
        }
    }

    @Test func theUnescaperMendsNothing() throws {
        func plain(_ json: String) throws -> [UInt8] {
            var plain: [UInt8] = []
            try Array(json.utf8).withUnsafeBytes { bytes in
                var unescaper = JSONCursor.Unescaper()
                var cursor = JSONCursor(bytes)
                _ = try cursor.enterArray()
                while try cursor.nextElement() {
                    if let slice = try cursor.string() { unescaper.append(slice, to: &plain) }
                }
                unescaper.end(&plain)
            }
            return plain
        }
        #expect(try plain(#"["{\"a\":","\"\u00e9\ud83d","\ude00\"}"]"#) == Array(#"{"a":"é😀"}"#.utf8))
        #expect(try plain(#"["\ud83d","x"]"#) == [0xED, 0xA0, 0xBD, 0x78])
        #expect(try plain(#"["\ud83d"]"#) == [0xED, 0xA0, 0xBD] && plain(#"["\u0000\b\f\/"]"#) == [0, 8, 12, 0x2F])
    }
}
