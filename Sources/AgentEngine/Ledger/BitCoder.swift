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
        let middle = model.part(of: low, high)
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
        let middle = model.part(of: low, high)
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

/// How likely a bit is, learned from those before it: their mean, and later one that follows them slowly.
struct BitModel {
    /// Of 65,536; never 0 nor all.
    private var likelihood: UInt32 = 32_768
    private var weight: UInt32 = 2

    /// The last number of the part of an interval that is the bit's.
    func part(of low: UInt32, _ high: UInt32) -> UInt32 {
        low + UInt32((UInt64(high - low) * UInt64(likelihood)) >> 16)
    }

    mutating func learn(_ bit: Bool) {
        if bit { likelihood += (65_536 - likelihood) / weight } else { likelihood -= likelihood / weight }
        if weight < 64 { weight += 1 }
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
