import AgentSystem
import Glibc

/// Reads lines from a descriptor: blocking, bounded, and awake to signals and to a deadline.
///
/// Leading white space and empty lines are skipped, as the protocol asks: a daemon that waits for a slow model writes
/// spaces to keep a half-closed connection alive. A line that the end of the input cuts off is none: whoever wrote it was
/// killed in the middle.
struct LineReader {
    /// What came next.
    enum Outcome {
        /// A line, without its line end.
        case line([UInt8])
        /// The end of the input.
        case end
        /// A signal, by its number.
        case signal(Int32)
        /// Nothing, until the deadline.
        case deadline
        /// The other descriptor has something.
        case other
    }

    /// The daemon promises 1 MiB; a line that is many times longer is not from it.
    static let lineLimit = 16 << 20

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Where the line to come begins, and how far it has been searched for its end.
    private var start = 0
    private var searched = 0
    private var isAtEnd = false

    /// A reader of a descriptor that stays its owner's.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Waits for the next line, or until another descriptor has something to read.
    ///
    /// - Throws: `ClientFailure` when the descriptor fails or a line passes the limit.
    mutating func next(
        until deadline: ContinuousClock.Instant? = nil, signals: SignalDescriptor? = nil, or other: Int32? = nil
    ) throws(ClientFailure) -> Outcome {
        while true {
            if let line = takeLine() { return .line(line) }
            if isAtEnd { return .end }
            guard buffer.count - start <= Self.lineLimit else {
                throw ClientFailure("the other side sent a line without end", ExitStatus.broken)
            }
            if let outcome = try wait(until: deadline, signals: signals, or: other) { return outcome }
            try fill()
        }
    }

    /// Takes a whole line from the buffer.
    private mutating func takeLine() -> [UInt8]? {
        while true {
            let newline = buffer[searched...].firstIndex(of: UInt8(ascii: "\n"))
            searched = buffer.count
            guard let end = newline else { return nil }
            let line = buffer[start..<end].drop(while: Self.isSpace)
            start = end + 1
            searched = start
            if !line.isEmpty { return Array(line) }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    /// Waits until there is something to read; returns what came instead, if something did.
    private func wait(
        until deadline: ContinuousClock.Instant?, signals: SignalDescriptor?, or other: Int32?
    ) throws(ClientFailure) -> Outcome? {
        while true {
            let ready = try Readable.wait([signals?.fileDescriptor, other, descriptor], until: deadline)
            switch ready {
            case nil: return .deadline
            case 0: if let signal = signals?.next() { return .signal(signal) }
            case 1: return .other
            default: return nil
            }
        }
    }

    /// Reads what is there; the part of the buffer that was taken makes room first.
    private mutating func fill() throws(ClientFailure) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        var count = 0
        var failure: Int32 = 0
        buffer += [UInt8](unsafeUninitializedCapacity: 65_536) { chunk, filled in
            count = read(descriptor, chunk.baseAddress, chunk.count)
            failure = errno
            filled = max(count, 0)
        }
        if count == 0 || (count < 0 && failure == ECONNRESET) {
            isAtEnd = true
        } else if count < 0, failure != EINTR {
            throw ClientFailure("read: \(String(cString: strerror(failure)))", ExitStatus.inputOutput)
        }
    }
}
