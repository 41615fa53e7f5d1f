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
