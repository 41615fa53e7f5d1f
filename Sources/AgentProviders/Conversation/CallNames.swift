/// Names for the calls of one request: valid for the provider, different from each other, and the same every time the
/// same conversation is sent, so that prompt caches hold.
struct CallNames {
    private static let hashLetters = 9

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
            let name = madeName(for: id, round == 0 ? id : "\(id)#\(round)")
            if taken.insert(name).inserted { return name }
            round += 1
        }
    }

    /// A name made of a hash, with the beginning of the old one before it where there is room.
    private func madeName(for id: String, _ hashed: String) -> String {
        guard !isExact, limit > Self.hashLetters + 4 else { return StableHash.letters(of: hashed, count: limit) }
        let readable = ToolNames.wordBytes(of: id).prefix(limit - Self.hashLetters - 1)
        return readable + "_" + StableHash.letters(of: hashed, count: Self.hashLetters)
    }

    private func isValid(_ id: String) -> Bool {
        let length = id.utf8.count
        return (isExact ? length == limit : (1...limit).contains(length))
            && id.utf8.allSatisfy {
                $0.isWordByte && !(isExact && ($0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")))
            }
    }

}

/// Tool names as providers take them.
enum ToolNames {
    /// The name in a request: itself where it is valid, else shortened and marked with a hash of the whole, so that two
    /// long names stay two.
    static func wireName(_ name: String, limit: Int) -> String {
        guard !name.isEmpty else { return "unnamed" }
        let readable = wordBytes(of: name)
        guard readable != name || name.utf8.count > limit else { return name }
        return readable.prefix(limit - 9) + "_" + StableHash.letters(of: name, count: 8)
    }

    /// A text with everything but letters, digits, `_` and `-` replaced.
    static func wordBytes(of text: String) -> String {
        String(decoding: text.utf8.map { $0.isWordByte ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }
}

/// A hash that is the same on every machine and in every version (FNV-1a, 64 bits).
enum StableHash {
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)

    /// So many lower-case letters and digits.
    static func letters(of text: String, count: Int) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = mixed(hash, byte) }
        var letters: [UInt8] = []
        while letters.count < count {
            // The low bits of this hash are its weaker ones.
            var rest = hash ^ hash >> 32
            for _ in 0..<min(12, count - letters.count) {
                letters.append(alphabet[Int(rest % 36)])
                rest /= 36
            }
            hash = mixed(hash, 0)
        }
        return String(decoding: letters, as: UTF8.self)
    }

    private static func mixed(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
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
