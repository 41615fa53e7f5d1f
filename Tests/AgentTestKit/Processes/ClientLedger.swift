import Glibc

/// Everything that one connection was told: the witness against the daemon.
public struct ClientLedger: Sendable {
    /// One reading of a run's log.
    public struct Stream: Sendable {
        /// The run.
        public let run: String
        /// What its reader had of the run before.
        public let after: Int64
        /// The `id` of the command that asked for it, as it stands in every frame: `"id":…,` or nothing.
        public let echo: String
        /// Whether only the end was asked for.
        public let isFinal: Bool
        /// Raw lines, in order.
        public fileprivate(set) var lines: [(seq: Int64, bytes: [UInt8])] = []
        /// Whether the run's terminal event was among them.
        public fileprivate(set) var hasEnded = false

        /// A stream that has told nothing yet.
        public init(run: String, after: Int64 = 0, echo: String = "", isFinal: Bool = false) {
            self.run = run
            self.after = after
            self.echo = echo
            self.isFinal = isFinal
        }

        /// What its reader has of the run now.
        public var last: Int64 { lines.last?.seq ?? after }
    }

    /// What was read, in the order in which it was asked for.
    public private(set) var streams: [Stream] = []
    /// Raw lines of replies, in order.
    public private(set) var replies: [[UInt8]] = []
    /// Events that belong to the connection.
    public private(set) var announcements: [[UInt8]] = []
    /// What no connection may be told: a seq that does not rise, an event after the terminal one, a line of no shape.
    public private(set) var violations: [String] = []
    /// The stream that each run's events belong to.
    private var current: [String: Int] = [:]

    /// A connection that was told nothing yet.
    public init() {}

    /// Raw lines of events by run and seq.
    public var runs: [String: [Int64: [UInt8]]] {
        streams.reduce(into: [:]) { runs, stream in
            for line in stream.lines { runs[stream.run, default: [:]][line.seq] = line.bytes }
        }
    }

    /// What the events of a run that come now belong to.
    public func stream(of run: String) -> Stream? { current[run].map { streams[$0] } }

    /// A reply has said that a run is read from here on; it takes the place of an earlier reading.
    public mutating func begin(_ stream: Stream) {
        current[stream.run] = streams.count
        streams.append(stream)
    }

    /// Takes one line; returns the run that it is about, if it is an event of one.
    @discardableResult public mutating func add(_ line: [UInt8]) -> String? {
        guard Self.find(#"{"event":"#, in: line, from: 0) == 0 else {
            if Self.find(#"{"ok":"#, in: line, from: 0) == 0 {
                replies.append(line)
            } else {
                violate("neither a reply nor an event", line)
            }
            return nil
        }
        guard let run = Self.text(of: "run_id", in: line), let seq = Self.number(of: "seq", in: line) else {
            announcements.append(line)
            return nil
        }
        if current[run] == nil { begin(Stream(run: run)) }
        let index = current[run]!
        if streams[index].hasEnded { violate("an event after the terminal one", line) }
        if seq <= streams[index].last { violate("a seq that does not rise", line) }
        streams[index].lines.append((seq, line))
        if Self.isTerminal(line) { streams[index].hasEnded = true }
        return run
    }

    /// Whether a run's terminal event was received, as far as the run is read now.
    public func hasEnded(_ run: String) -> Bool { stream(of: run)?.hasEnded ?? false }

    private mutating func violate(_ what: String, _ line: [UInt8]) {
        violations.append("\(what): \(String(decoding: line.prefix(300), as: UTF8.self))")
    }

    /// Whether a line is an event that ends a run.
    public static func isTerminal(_ line: [UInt8]) -> Bool {
        ["run_completed", "run_cancelled", "run_error"].contains { find(#"{"event":"\#($0)""#, in: line, from: 0) == 0 }
    }

    /// The text of a member. The first place counts: the daemon escapes quotes in values, and what is nested comes
    /// after what names the frame.
    public static func text(of name: String, in line: [UInt8]) -> String? {
        guard let start = end(of: #""\#(name)":""#, in: line),
            let end = line[start...].firstIndex(of: UInt8(ascii: "\""))
        else { return nil }
        return String(decoding: line[start..<end], as: UTF8.self)
    }

    /// The integer of a member.
    public static func number(of name: String, in line: [UInt8]) -> Int64? {
        guard let start = end(of: #""\#(name)":"#, in: line) else { return nil }
        var value: Int64 = 0
        var index = start
        while index < line.count, (0x30...0x39).contains(line[index]) {
            value = value * 10 + Int64(line[index] - 0x30)
            index += 1
        }
        return index > start ? value : nil
    }

    private static func end(of needle: String, in line: [UInt8]) -> Int? {
        find(needle, in: line, from: 0).map { $0 + needle.utf8.count }
    }

    private static func find(_ needle: String, in line: [UInt8], from start: Int) -> Int? {
        let count = needle.utf8.count
        return line.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var place = start
            // Every needle begins with what a name begins with, or an object.
            while place + count <= bytes.count {
                let left = bytes.count - count - place + 1
                guard let found = memchr(base + place, Int32(needle.utf8.first!), left) else { return nil }
                place = base.distance(to: UnsafeRawPointer(found))
                if memcmp(base + place, needle, count) == 0 { return place }
                place += 1
            }
            return nil
        }
    }
}
