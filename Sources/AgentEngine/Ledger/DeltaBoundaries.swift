/// Where a stretch of text was cut into events, and when, while its step is open: two small numbers an event, which cost
/// next to nothing to add.
struct DeltaBoundaries {
    /// For each event, as variable-length integers: milliseconds since the one before it, folded so that a clock that
    /// was set back stays small, and the length of its text in bytes.
    private(set) var bytes: [UInt8] = []
    private var lastTime: Int64

    /// No event yet; times count from `start`, in epoch milliseconds.
    init(start: Int64) { lastTime = start }

    /// Adds an event.
    mutating func append(time: Int64, length: Int) {
        let passed = time - lastTime
        lastTime = time
        append(UInt64(bitPattern: passed << 1 ^ passed >> 63))
        append(UInt64(length))
    }

    private mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Reads boundaries, first to last.
    struct Reader {
        private let bytes: [UInt8]
        private var place = 0
        private var time: Int64

        /// A reader of packed boundaries whose times count from `start`.
        init(_ bytes: [UInt8], start: Int64) {
            self.bytes = bytes
            time = start
        }

        /// The next event; nil at the end, and where the bytes make no sense.
        mutating func next() -> (time: Int64, length: Int)? {
            guard let folded = number(), let length = number().flatMap(Int.init(exactly:)) else { return nil }
            time &+= Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
            return (time, length)
        }

        private mutating func number() -> UInt64? {
            var number: UInt64 = 0
            var shift: UInt64 = 0
            while place < bytes.count, shift < 64 {
                let byte = bytes[place]
                place += 1
                number |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return number }
                shift += 7
            }
            return nil
        }
    }
}
