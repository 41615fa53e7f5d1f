/// Cuts a stream of server-sent events into events, by the rules of the HTML standard, section 9.2.6.
///
/// Right wherever the stream is cut. An event that lies whole in the bytes given is handed out without a copy. Lines
/// and events are bounded; `id` and `retry` are for reconnecting, which we never do.
struct SSEDecoder {
    /// A line or an event is larger than allowed.
    struct TooLarge: Error, Equatable {}

    /// Memory kept for the next event; what one large event took is given back.
    private static let keptCapacity = 64 * 1024

    /// Where a piece of the event under way is.
    private enum Place {
        case nowhere
        /// In the bytes being taken.
        case here(UnsafeRawBufferPointer)
        /// In the decoder's own memory.
        case kept
    }

    private let limit: Int
    private var line: [UInt8] = []
    private var keptData: [UInt8] = []
    private var keptName: [UInt8] = []
    private var data = Place.nowhere
    private var name = Place.nowhere
    /// The last byte was a carriage return: a line feed that follows belongs to it.
    private var skipsFeed = false
    /// No line has been seen: the first may begin with a byte order mark.
    private var isAtStart = true

    /// A decoder for lines and events of at most so many bytes.
    init(limit: Int = 4 * 1024 * 1024) { self.limit = limit }

    /// Takes what has arrived and hands out each event that is whole.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, _ body: (SSEEvent) -> Void) throws(TooLarge) {
        var start = 0
        if skipsFeed, let first = bytes.first {
            if first == UInt8(ascii: "\n") { start = 1 }
            skipsFeed = false
        }
        while start < bytes.count {
            let end = Self.lineEnd(in: bytes, from: start)
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            guard line.count + piece.count <= limit else { throw TooLarge() }
            guard end < bytes.count else {
                line.append(contentsOf: piece)
                break
            }
            if line.isEmpty {
                try take(piece, isHere: true, body)
            } else {
                line.append(contentsOf: piece)
                try takeKeptLine(body)
            }
            start = end + 1
            guard bytes[end] == UInt8(ascii: "\r") else { continue }
            if start == bytes.count { skipsFeed = true } else if bytes[start] == UInt8(ascii: "\n") { start += 1 }
        }
        keep()
    }

    /// Nothing more will arrive: an event without its empty line is dropped. Whether there was one.
    mutating func end() -> Bool {
        defer { self = SSEDecoder(limit: limit) }
        if case .nowhere = data { return !line.isEmpty }
        return true
    }

    /// The first line feed or carriage return from `start` on; the end if there is none.
    private static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        while index &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let feed = word ^ (ones &* 0x0A)
            let carriage = word ^ (ones &* 0x0D)
            let found = (((feed &- ones) & ~feed) | ((carriage &- ones) & ~carriage)) & (ones &* 0x80)
            if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n"), bytes[index] != UInt8(ascii: "\r") {
            index &+= 1
        }
        return index
    }

    /// Takes a line that came in pieces. It is moved aside meanwhile, so that it is not touched while it is read.
    private mutating func takeKeptLine(_ body: (SSEEvent) -> Void) throws(TooLarge) {
        var whole: [UInt8] = []
        swap(&whole, &line)
        try whole.withUnsafeBufferPointer { (bytes) throws(TooLarge) in
            try take(UnsafeRawBufferPointer(bytes), isHere: false, body)
        }
        whole.removeAll(keepingCapacity: whole.capacity <= Self.keptCapacity)
        swap(&whole, &line)
    }

    private mutating func take(
        _ line: UnsafeRawBufferPointer, isHere: Bool, _ body: (SSEEvent) -> Void
    ) throws(TooLarge) {
        var line = line
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = UnsafeRawBufferPointer(rebasing: line[3...]) }
        }
        guard let first = line.first else { return dispatch(body) }
        guard first != UInt8(ascii: ":") else { return }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.count
        let field = UnsafeRawBufferPointer(rebasing: line[..<colon])
        var start = min(colon + 1, line.count)
        if start < line.count, line[start] == UInt8(ascii: " ") { start += 1 }
        let value = UnsafeRawBufferPointer(rebasing: line[start...])
        if field.hasSameBytes(as: "data") {
            try addData(value, isHere: isHere)
        } else if field.hasSameBytes(as: "event") {
            name = .here(value)
            if !isHere { keepName() }
        } else if field.hasSameBytes(as: "error") {
            // Not of the standard: some servers of local models say so that a stream failed.
            name = .kept
            keptName.removeAll(keepingCapacity: true)
            keptName.append(contentsOf: "error".utf8)
            try addData(value, isHere: isHere)
        }
    }

    private mutating func addData(_ value: UnsafeRawBufferPointer, isHere: Bool) throws(TooLarge) {
        if case .nowhere = data {
            data = .here(value)
            if !isHere { keepData() }
            return
        }
        keepData()
        guard keptData.count + 1 + value.count <= limit else { throw TooLarge() }
        keptData.append(UInt8(ascii: "\n"))
        keptData.append(contentsOf: value)
    }

    /// An empty line: the event is whole. One without a data line is none.
    private mutating func dispatch(_ body: (SSEEvent) -> Void) {
        if case .nowhere = data {
            name = .nowhere
            return
        }
        keptName.withUnsafeBytes { ownName in
            keptData.withUnsafeBytes { ownData in
                body(SSEEvent(name: Self.bytes(at: name, or: ownName), data: Self.bytes(at: data, or: ownData)))
            }
        }
        (name, data) = (.nowhere, .nowhere)
        keptData.removeAll(keepingCapacity: keptData.capacity <= Self.keptCapacity)
    }

    private static func bytes(at place: Place, or own: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        switch place {
        case .nowhere: UnsafeRawBufferPointer(start: nil, count: 0)
        case .here(let bytes): bytes
        case .kept: own
        }
    }

    /// The bytes go away: what is needed of them is copied.
    private mutating func keep() {
        keepName()
        keepData()
    }

    private mutating func keepName() {
        guard case .here(let bytes) = name else { return }
        keptName.removeAll(keepingCapacity: true)
        keptName.append(contentsOf: bytes)
        name = .kept
    }

    private mutating func keepData() {
        guard case .here(let bytes) = data else { return }
        keptData.removeAll(keepingCapacity: true)
        keptData.append(contentsOf: bytes)
        data = .kept
    }
}
