@testable import AgentEngine

/// Boundaries are read back as they were written; bytes that nobody wrote end soon, and trap nowhere.
enum BoundariesTarget {
    private typealias Boundary = (time: Int64, length: Int)

    /// Each event codes three decisions at least, and the likeliest costs 0.0014 bits.
    private static let eventsPerByte = 2048
    private static let start: Int64 = 1_790_000_000_000

    static func check(_ input: UnsafeRawBufferPointer) throws(Finding) {
        try checkAnything(Array(input))
        let boundaries = boundaries(from: input)
        try checkPacked(boundaries)
        try checkOpen(boundaries, Array(input))
    }

    private static func checkAnything(_ bytes: [UInt8]) throws(Finding) {
        for count in [1, 17, 4096, .max] {
            var reader = PackedBoundaries.Reader(bytes, count: count, start: start)
            var read: [Boundary] = []
            while let boundary = reader.next() { read.append(boundary) }
            try Finding.unless(read.count <= count, "no more events than there are")
            try Finding.unless(
                read.count <= eventsPerByte * (bytes.count + 8), "\(read.count) events in \(bytes.count) bytes")
            if reader.isAtEnd, read.count == count { try checkPacked(read) }
        }
    }

    private static func checkPacked(_ boundaries: [Boundary]) throws(Finding) {
        var packed = PackedBoundaries(start: start)
        for boundary in boundaries { packed.append(time: boundary.time, length: boundary.length) }
        var reader = PackedBoundaries.Reader(packed.bytes, count: boundaries.count, start: start)
        for boundary in boundaries {
            let read = reader.next()
            try Finding.unless(
                read.map { $0 == boundary } ?? false, "\(boundary) is read back, not \(String(describing: read))")
        }
        try Finding.unless(reader.isAtEnd && reader.next() == nil, "nothing follows")
    }

    /// The form while a step is open: what is written is read, and whatever is read ends.
    private static func checkOpen(_ boundaries: [Boundary], _ bytes: [UInt8]) throws(Finding) {
        var open = DeltaBoundaries(start: start)
        for boundary in boundaries { open.append(time: boundary.time, length: boundary.length) }
        var reader = DeltaBoundaries.Reader(open.bytes, start: start)
        for boundary in boundaries {
            try Finding.unless(reader.next().map { $0 == boundary } ?? false, "\(boundary) is read back, while open")
        }
        try Finding.unless(reader.next() == nil, "nothing follows, while open")
        var other = DeltaBoundaries.Reader(bytes, start: start)
        var count = 0
        while other.next() != nil { count += 1 }
        try Finding.unless(count <= bytes.count, "every event has a byte")
    }

    /// Events that an input stands for. A byte says how many of the next ones make the time and the length; times stay
    /// within what a clock can say.
    private static func boundaries(from input: UnsafeRawBufferPointer) -> [Boundary] {
        var boundaries: [Boundary] = []
        var rest = input[...]
        var time = start
        func number(_ count: Int) -> Int64 {
            let bytes = rest.prefix(count)
            rest = rest.dropFirst(count)
            return bytes.reduce(0) { $0 << 8 | Int64($1) }
        }
        while let form = rest.popFirst() {
            let passed = number(Int(form & 7)) >> 4
            time += form & 0x40 == 0 ? passed : -passed
            boundaries.append((time, Int(number(Int(form >> 3 & 7)))))
        }
        return boundaries
    }
}
