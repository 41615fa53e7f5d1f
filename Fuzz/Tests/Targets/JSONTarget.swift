import AgentProtocol

/// The reader, the cursor and the writer agree on every text.
enum JSONTarget {
    /// What the cursor leaves to its caller, and the reader refuses.
    private static let tolerated: Set<String> = [
        "a name occurs twice", "a string is not valid UTF-8", "a \\u escape is no character",
    ]

    static func check(_ input: UnsafeRawBufferPointer) throws(Finding) {
        let read = Result { () throws(JSONError) in try JSONReader.read(input) }
        var walk = JSONWalk()
        let walked = walk.read(input)
        try Finding.unless(isSuccess(walked) == passes(input), "skip accepts what a walk accepts")
        for string in walk.strings { try checkMended(string) }
        switch (read, walked) {
        case (.failure, .failure): return
        case (.failure(let error), .success):
            try Finding.unless(tolerated.contains(error.reason), "the cursor refuses: \(error.reason)")
        case (.success, .failure(let error)): throw Finding(reason: "the cursor accepts: \(error.reason)")
        case (.success(let value), .success(let other)):
            try Finding.unless(bytes(value) == bytes(other), "reader and cursor see the same value")
            try checkWriter(value)
            try checkStrings(value, walk)
            try checkNumbers(walk)
            try checkDepth(value, input)
        }
    }

    static func bytes(_ value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }

    private static func isSuccess(_ result: Result<JSONValue, JSONError>) -> Bool {
        if case .success = result { true } else { false }
    }

    private static func passes(_ input: UnsafeRawBufferPointer) -> Bool {
        var cursor = JSONCursor(input)
        return isSuccess(
            Result { () throws(JSONError) in
                try cursor.finish()
                return .null
            })
    }

    private static func checkWriter(_ value: JSONValue) throws(Finding) {
        let written = bytes(value)
        let again = Result { () throws(JSONError) in try JSONReader.read(written) }
        guard case .success(let again) = again else { throw Finding(reason: "what is written can be read: \(again)") }
        try Finding.unless(bytes(again) == written, "what is written is read as it was")
        try Finding.unless(written.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "no control character is written")
        let separators = [[0xE2, 0x80, 0xA8] as [UInt8], [0xE2, 0x80, 0xA9]]
        try Finding.unless(!separators.contains { written.contains($0) }, "no line separator is written")
    }

    /// A string, broken as it may be, becomes text that every reader accepts.
    private static func checkMended(_ string: JSONCursor.Slice) throws(Finding) {
        let quoted = [UInt8(ascii: "\"")] + escaped(string) + [UInt8(ascii: "\"")]
        let read = Result { () throws(JSONError) in try JSONReader.read(quoted) }
        try Finding.unless(isSuccess(read), "mended text is a string: \(read)")
    }

    private static func checkStrings(_ value: JSONValue, _ walk: JSONWalk) throws(Finding) {
        let texts = texts(of: value)
        try Finding.unless(texts.count == walk.strings.count, "as many strings")
        for (text, slice) in zip(texts, walk.strings) {
            var expected: [UInt8] = []
            JSONEscaping.append(text, to: &expected)
            var plain: [UInt8] = []
            var unescaper = JSONCursor.Unescaper()
            unescaper.append(slice, to: &plain)
            unescaper.end(&plain)
            try Finding.unless(plain.elementsEqual(text.utf8), "the unescaper gives the text's bytes")
            try Finding.unless(slice.string.utf8.elementsEqual(text.utf8), "a slice's string is the text")
            try Finding.unless(escaped(slice) == expected, "a stream of text gives what we would write")
            try Finding.unless(
                !slice.isCanonical || slice.bytes.elementsEqual(expected), "a canonical slice is what we would write")
            expected.withUnsafeBytes { bytes in
                plain = Array(JSONEscaping.unescape(bytes).utf8)
            }
            try Finding.unless(plain.elementsEqual(text.utf8), "unescaping undoes escaping")
            let counted = expected.withUnsafeBytes { JSONEscaping.unescapedCount($0) }
            try Finding.unless(counted == text.utf8.count, "the unescaped bytes are counted right")
            let weighed = text.unicodeScalars.reduce(0) { $0 + JSONEscaping.escapedCount($1) }
            try Finding.unless(weighed == expected.count, "the escaped bytes are counted right")
        }
    }

    private static func escaped(_ slice: JSONCursor.Slice) -> [UInt8] {
        var stream = JSONCursor.TextStream()
        var bytes: [UInt8] = []
        stream.take(slice) { bytes.append(contentsOf: $0) }
        stream.end { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Names and strings in the order in which they stand.
    private static func texts(of value: JSONValue) -> [String] {
        switch value {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(texts)
        case .object(let object): object.members.flatMap { [$0.name] + texts(of: $0.value) }
        case .null, .bool, .number: []
        }
    }

    private static func checkNumbers(_ walk: JSONWalk) throws(Finding) {
        for (number, integer, double) in walk.numbers {
            let exact = Double(number.text)
            if let plain = number.int64 {
                try Finding.unless(integer == plain, "\(number.text) is the integer \(plain)")
            }
            if let integer { try Finding.unless(exact == Double(integer), "\(number.text) is not \(integer)") }
            try Finding.unless(double == exact.flatMap { $0.isFinite ? $0 : nil }, "\(number.text) is its own double")
        }
    }

    /// A text is accepted from the depth on that it has.
    private static func checkDepth(_ value: JSONValue, _ input: UnsafeRawBufferPointer) throws(Finding) {
        let depth = depth(of: value)
        for limit in [depth - 1, depth] where limit >= 0 {
            let read = Result { () throws(JSONError) in try JSONReader.read(input, depth: limit) }
            var cursor = JSONCursor(input, depth: limit)
            let passed = Result { () throws(JSONError) in
                try cursor.finish()
                return JSONValue.null
            }
            try Finding.unless(isSuccess(read) == (depth <= limit), "the reader's depth of \(depth) against \(limit)")
            try Finding.unless(isSuccess(passed) == (depth <= limit), "the cursor's depth of \(depth) against \(limit)")
        }
    }

    private static func depth(of value: JSONValue) -> Int {
        switch value {
        case .array(let elements): 1 + (elements.map(depth).max() ?? 0)
        case .object(let object): 1 + (object.members.map { depth(of: $0.value) }.max() ?? 0)
        case .null, .bool, .number, .string: 0
        }
    }
}
