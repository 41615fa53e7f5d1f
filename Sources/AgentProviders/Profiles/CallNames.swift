/// Names for the calls of one request: valid for the provider, different from each other, and the same every time the
/// same conversation is sent, so that prompt caches hold.
struct CallNames {
    private let limit: Int
    private let isExact: Bool
    private var taken: Set<String> = []

    /// Names of at most `limit` bytes; exactly so many, letters and digits only, where `isExact`.
    init(limit: Int, isExact: Bool) {
        self.limit = limit
        self.isExact = isExact
    }

    /// The name of the next call; its own name where that is valid and free.
    mutating func name(for id: String) -> String {
        if isValid(id), taken.insert(id).inserted { return id }
        var round = 0
        while true {
            let hash = StableHash.letters(of: round == 0 ? id : "\(id)#\(round)")
            let name =
                isExact ? String(hash.prefix(limit)) : String(readable(id).prefix(limit - 10)) + "_" + hash.prefix(9)
            if taken.insert(name).inserted { return name }
            round += 1
        }
    }

    private func isValid(_ id: String) -> Bool {
        let length = id.utf8.count
        return (isExact ? length == limit : (1...limit).contains(length))
            && id.utf8.allSatisfy {
                $0.isWordByte && !(isExact && ($0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")))
            }
    }

    private func readable(_ id: String) -> String { ToolNames.wordBytes(of: id) }
}

/// Tool names as providers take them.
enum ToolNames {
    /// The name in a request: itself where it is valid, else shortened and marked with a hash of the whole, so that two
    /// long names stay two.
    static func wireName(_ name: String, limit: Int) -> String {
        guard !name.isEmpty else { return "unnamed" }
        let readable = wordBytes(of: name)
        guard readable != name || name.utf8.count > limit else { return name }
        return readable.prefix(limit - 9) + "_" + StableHash.letters(of: name).prefix(8)
    }

    /// A text with everything but letters, digits, `_` and `-` replaced.
    static func wordBytes(of text: String) -> String {
        String(decoding: text.utf8.map { $0.isWordByte ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }
}

/// A hash that is the same on every machine and in every version (FNV-1a, 64 bits).
enum StableHash {
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)

    /// Twelve lower-case letters and digits.
    static func letters(of text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // The low bits of this hash are its weaker ones.
        hash ^= hash >> 32
        var letters: [UInt8] = []
        for _ in 0..<12 {
            letters.append(alphabet[Int(hash % 36)])
            hash /= 36
        }
        return String(decoding: letters, as: UTF8.self)
    }
}

extension UInt8 {
    /// Whether it is a letter, a digit, `_` or `-`.
    var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
