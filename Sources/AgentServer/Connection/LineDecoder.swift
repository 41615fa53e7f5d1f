import AgentProtocol

#if canImport(Glibc)
import Glibc
#endif

/// Cuts a stream of bytes into lines. Pure, and bounded by the longest line that is allowed.
struct LineDecoder {
    /// What comes out.
    enum Output: Equatable {
        /// A line, without its line feed: where it is in `bytes`, valid until the next `append`.
        case line(Range<Int>)
        /// A line that was longer than allowed; said once, and the rest of it is skipped.
        case tooLong
    }

    /// Memory kept for the next lines; what one long line took is given back by `trim`.
    private static let keptCapacity = 64 * 1024

    private(set) var bytes: [UInt8] = []
    /// Where the next line begins.
    private var start = 0
    /// How far it is known that there is no line feed.
    private var searched = 0
    private var isSkipping = false
    private var hasEnded = false
    private let limit: Int

    init(limit: Int = Limits.lineBytes) { self.limit = limit }

    /// Bytes that are kept for the next lines.
    var pendingBytes: Int { bytes.count - start }

    /// Takes what has arrived.
    mutating func append(_ arrived: UnsafeRawBufferPointer) {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
            (start, searched) = (0, 0)
        } else if start > 0 {
            bytes.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: arrived)
    }

    /// Nothing more will arrive: what is left counts as a line.
    mutating func end() { hasEnded = true }

    /// The next line; nil when more must arrive first.
    mutating func next() -> Output? {
        while true {
            if let feed = firstFeed() {
                let line = start..<feed
                start = feed + 1
                searched = start
                if isSkipping {
                    isSkipping = false
                    continue
                }
                return line.count > limit ? .tooLong : .line(line)
            }
            searched = bytes.count
            if isSkipping {
                start = bytes.count
                return nil
            }
            if pendingBytes > limit {
                isSkipping = true
                start = bytes.count
                return .tooLong
            }
            guard hasEnded, start < bytes.count else { return nil }
            let line = start..<bytes.count
            start = bytes.count
            return .line(line)
        }
    }

    /// Gives back what long lines took that have been taken. Ends the validity of what `next` gave.
    mutating func trim() {
        guard bytes.capacity > 4 * max(Self.keptCapacity, pendingBytes) else { return }
        bytes = Array(bytes[start...])
        searched -= start
        start = 0
    }

    /// Gives up the line that has not ended: the rest of it is skipped. False when there is none, because what is kept
    /// are lines that nobody has asked for yet.
    mutating func giveUp() -> Bool {
        guard pendingBytes > 0, !isSkipping, !hasEnded, firstFeed() == nil else { return false }
        isSkipping = true
        bytes = []
        (start, searched) = (0, 0)
        return true
    }

    private func firstFeed() -> Int? {
        bytes.withUnsafeBytes { all in
            guard searched < all.count, let base = all.baseAddress,
                let found = memchr(base + searched, Int32(UInt8(ascii: "\n")), all.count - searched)
            else { return nil }
            return base.distance(to: UnsafeRawPointer(found))
        }
    }
}
