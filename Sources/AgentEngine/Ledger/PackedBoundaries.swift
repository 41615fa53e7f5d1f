/// The boundaries of a folded stretch as the ledger keeps them: less than a byte for an event of a usual stream.
///
/// The cuts of a stream are much alike, so each number is coded by how often its like came before: an arithmetic coder
/// with models that learn while they go.
public struct PackedBoundaries: Sendable {
    private var coder = BitEncoder()
    private var model: BoundaryModel

    /// No event yet; times count from `start`, in epoch milliseconds.
    public init(start: Int64) { model = BoundaryModel(start: start) }

    /// Adds an event: when it was, and the length of its text in bytes.
    public mutating func append(time: Int64, length: Int) {
        _ = model.code((time, UInt64(length)), through: &coder)
    }

    /// What is kept.
    public var bytes: [UInt8] {
        var end = self
        _ = end.model.codeCheck(through: &end.coder)
        return end.coder.finished()
    }

    /// Reads boundaries, first to last.
    public struct Reader {
        private var coder: BitDecoder
        private var model: BoundaryModel
        private var left: Int

        /// A reader of the boundaries of so many events, whose times count from `start`.
        public init(_ bytes: [UInt8], count: Int, start: Int64) {
            coder = BitDecoder(bytes)
            model = BoundaryModel(start: start)
            left = count
        }

        /// Whether every event has been read.
        public var isAtEnd: Bool { left == 0 }

        /// The next event; nil at the end, and where the bytes make no sense.
        public mutating func next() -> (time: Int64, length: Int)? {
            guard left > 0 else { return nil }
            left -= 1
            let (time, number) = model.code((0, 0), through: &coder)
            guard let length = Int(exactly: number), left > 0 || model.codeCheck(through: &coder) else { return nil }
            return (time, length)
        }
    }
}

/// What is expected of the next boundary. Writing and reading go through the same code: a decoder takes no notice of the
/// number that it is given and answers with the one that was coded.
private struct BoundaryModel {
    private var isBack = BitModel()
    private var passed = NumberModel()
    private var length = NumberModel()
    private var time: Int64
    private var check: UInt8 = 0

    init(start: Int64) { time = start }

    mutating func code<Coder: BitCoder>(
        _ boundary: (time: Int64, length: UInt64), through coder: inout Coder
    ) -> (time: Int64, length: UInt64) {
        let step = boundary.time &- time
        // A clock may be set back.
        let back = coder.code(step < 0, &isBack)
        let distance = Int64(truncatingIfNeeded: passed.code(step.magnitude, through: &coder))
        time = back ? time &- distance : time &+ distance
        let number = length.code(boundary.length, through: &coder)
        check = check &* 31 &+ UInt8(truncatingIfNeeded: time) &+ UInt8(truncatingIfNeeded: number)
        return (time, number)
    }

    /// Codes a byte that depends on all boundaries; false when it is not what they make it.
    mutating func codeCheck<Coder: BitCoder>(through coder: inout Coder) -> Bool {
        var found: UInt8 = 0
        for place in 0..<8 {
            var even = BitModel()
            found = found << 1 | (coder.code(check << place >= 0x80, &even) ? 1 : 0)
        }
        return found == check
    }
}

/// A number: how many bits it has, the first of them as often as they came, and the rest as they are.
private struct NumberModel {
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

/// How likely a bit is, learned from those before it: their mean, and later one that follows them slowly.
private struct BitModel {
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

private protocol BitCoder {
    /// Codes a bit as likely as its model has it, and teaches the model.
    mutating func code(_ bit: Bool, _ model: inout BitModel) -> Bool
}

/// Narrows an interval bit by bit; bytes in which its ends agree are final.
private struct BitEncoder: BitCoder {
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
private struct BitDecoder: BitCoder {
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
