/// An arithmetic coder: a bit costs as little as it was likely. Writing and reading go through the same calls.
protocol BitCoder {
    /// Codes a bit as likely as its model has it, and teaches the model.
    mutating func code(_ bit: Bool, _ model: inout BitModel) -> Bool
}

/// Narrows an interval bit by bit; bytes in which its ends agree are final.
struct BitEncoder: BitCoder {
    private var bytes: [UInt8] = []
    private var low: UInt32 = 0
    private var high: UInt32 = .max

    mutating func code(_ bit: Bool, _ model: inout BitModel) -> Bool {
        let middle = low + ((high - low) >> 12) * model.likelihood
        if bit { high = middle } else { low = middle + 1 }
        model.learn(bit)
        while (low ^ high) >> 24 == 0 {
            bytes.append(UInt8(high >> 24))
            low <<= 8
            high = high << 8 | 0xFF
        }
        return bit
    }

    /// The bytes, with one more that lies between the ends where zeros do not.
    func finished() -> [UInt8] {
        var finished = bytes
        if low > 0 { finished.append(UInt8(low >> 24) + 1) }
        while finished.last == 0 { finished.removeLast() }
        return finished
    }
}

/// Follows the encoder; after the last byte come zeros.
struct BitDecoder: BitCoder {
    private let bytes: [UInt8]
    private var place = 0
    private var low: UInt32 = 0
    private var high: UInt32 = .max
    private var value: UInt32 = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        for _ in 0..<4 { shift() }
    }

    private mutating func shift() {
        value = value << 8 | (place < bytes.count ? UInt32(bytes[place]) : 0)
        place += 1
    }

    mutating func code(_: Bool, _ model: inout BitModel) -> Bool {
        let middle = low + ((high - low) >> 12) * model.likelihood
        let bit = value <= middle
        if bit { high = middle } else { low = middle + 1 }
        model.learn(bit)
        while (low ^ high) >> 24 == 0 {
            low <<= 8
            high = high << 8 | 0xFF
            shift()
        }
        return bit
    }
}

/// How likely a bit is, learned from those before it.
struct BitModel {
    /// Of 4096; never 0 nor all.
    private(set) var likelihood: UInt32 = 2048

    mutating func learn(_ bit: Bool) {
        if bit { likelihood += (4096 - likelihood) >> 4 } else { likelihood -= likelihood >> 4 }
    }
}

/// A number: how many bits it has, the first of them as often as they came, and the rest as they are.
struct NumberModel {
    private static let learnedBits = 4
    private var sizes = [BitModel](repeating: BitModel(), count: 64)
    private var firstBits = [BitModel](repeating: BitModel(), count: 65 << learnedBits)

    mutating func code<Coder: BitCoder>(_ number: UInt64, through coder: inout Coder) -> UInt64 {
        let size = UInt64.bitWidth - number.leadingZeroBitCount
        var bits = 0
        while bits < 64, coder.code(bits < size, &sizes[bits]) { bits += 1 }
        guard bits > 1 else { return UInt64(bits) }
        var value: UInt64 = 1
        for place in (0...bits - 2).reversed() {
            let bit = number >> UInt64(place) & 1 == 1
            var even = BitModel()
            let isLearned = bits - 2 - place < Self.learnedBits
            let coded =
                isLearned
                ? coder.code(bit, &firstBits[bits << Self.learnedBits | Int(value)]) : coder.code(bit, &even)
            value = value << 1 | (coded ? 1 : 0)
        }
        return value
    }
}
