import Glibc

/// Everything that one connection was told: the witness against the daemon.
public struct ClientLedger: Sendable {
    /// Raw lines of events by run and seq.
    public private(set) var runs: [String: [Int64: [UInt8]]] = [:]
    /// Raw lines of replies, in order.
    public private(set) var replies: [[UInt8]] = []
    /// Events that belong to the connection.
    public private(set) var announcements: [[UInt8]] = []
    /// What no connection may be told: a seq that does not rise, an event after the terminal one, a line of no shape.
    public private(set) var violations: [String] = []
    private var last: [String: Int64] = [:]
    private var ended: Set<String> = []

    /// A connection that was told nothing yet.
    public init() {}

    /// Events that were received.
    public var frames: Int { runs.values.reduce(0) { $0 + $1.count } }

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
        if ended.contains(run) { violate("an event after the terminal one", line) }
        if seq <= last[run, default: 0] { violate("a seq that does not rise", line) }
        last[run] = seq
        runs[run, default: [:]][seq] = line
        if Self.isTerminal(line) { ended.insert(run) }
        return run
    }

    /// Whether a run's terminal event was received.
    public func hasEnded(_ run: String) -> Bool { ended.contains(run) }

    private mutating func violate(_ what: String, _ line: [UInt8]) {
        violations.append("\(what): \(String(decoding: line.prefix(300), as: UTF8.self))")
    }

    private static func isTerminal(_ line: [UInt8]) -> Bool {
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
