import Testing

/// Text in four kinds of script, as the servers of the world write it into their deltas.
struct TextCorpus: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let text: String
    /// The same text, cut into deltas and escaped in several ways.
    let deltas: [[String]]

    init(_ name: String, _ text: String) {
        testDescription = name
        self.text = text
        let scalars = Array(text.unicodeScalars)
        deltas = [
            [text],
            scalars.map { String($0) },
            // As servers write that keep to ASCII: every half of a pair may end a delta.
            scalars.flatMap { scalar in String(scalar).utf16.map(Self.escape) },
            [text.utf16.map(Self.escape).joined()],
            // Text and escapes mixed, halves apart.
            scalars.enumerated().flatMap { place, scalar in
                place % 2 == 0 ? [String(scalar)] : String(scalar).utf16.map { Self.escape($0).uppercasedDigits }
            },
        ]
    }

    static let all = [
        TextCorpus("Latin", "Größe, naïve — ½"),
        TextCorpus("Greek and Cyrillic", "Καλημέρα, привет"),
        TextCorpus("Chinese, Japanese, Korean", "你好 テキスト 한국 𠮷"),
        TextCorpus("emoji", "😀👩‍👧‍👦🏳️‍🌈 e\u{301}\u{10FFFF}"),
    ]

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension String {
    fileprivate var uppercasedDigits: String { "\\u" + dropFirst(2).uppercased() }
}
