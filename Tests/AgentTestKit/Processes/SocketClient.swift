public import AgentProtocol
import Glibc

/// A client of a daemon that never blocks, and knows when each byte came.
public final class SocketClient {
    /// Bytes that came together.
    public struct Arrival: Sendable {
        /// When.
        public let instant: ContinuousClock.Instant
        /// How many.
        public let bytes: Int
    }

    /// The socket; -1 once closed.
    public private(set) var descriptor: Int32
    /// Everything that came, in order of arrival.
    public private(set) var arrivals: [Arrival] = []
    /// Whether the daemon has closed.
    public private(set) var isAtEnd = false
    /// Spaces between frames.
    public private(set) var spaces = 0
    private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    private var received: [UInt8] = []
    private var start = 0
    private var searched = 0
    private var outgoing: [UInt8] = []
    private var sent = 0

    /// Connects.
    public init(path: String) throws(TestFailure) {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0, UnixAddress.with(path, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let reason = String(cString: strerror(errno))
            if descriptor >= 0 { Glibc.close(descriptor) }
            throw TestFailure("connect \(path): \(reason)")
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit {
        close()
        chunk.deallocate()
    }

    /// Ends the input: nothing more will be sent.
    public func halfClose() { if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_WR)) } }

    /// Goes away.
    public func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// The longest time without a byte, from an instant to the last byte.
    public func longestSilence(since first: ContinuousClock.Instant) -> Duration {
        var last = first
        var longest = Duration.zero
        for arrival in arrivals where arrival.instant > first {
            longest = max(longest, arrival.instant - last)
            last = arrival.instant
        }
        return longest
    }

    // MARK: Writing

    /// Sends a line, as far as the socket takes it now; the rest leaves while waiting.
    public func send(_ line: String) { send(Array(line.utf8) + [UInt8(ascii: "\n")]) }

    /// Sends bytes as they are.
    public func send(_ bytes: [UInt8]) {
        outgoing.append(contentsOf: bytes)
        write()
    }

    private func write() {
        while sent < outgoing.count {
            let count = outgoing.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
        outgoing.removeAll(keepingCapacity: true)
        sent = 0
    }

    // MARK: Reading

    /// Waits until one of some clients has something, and takes it; false when the deadline passed first.
    @discardableResult
    public static func wait(for clients: [SocketClient], until deadline: Deadline) -> Bool {
        let open = clients.filter { $0.descriptor >= 0 && !$0.isAtEnd }
        guard !open.isEmpty else { return false }
        var watched = open.map { client in
            let writes = client.sent < client.outgoing.count
            return pollfd(fd: client.descriptor, events: Int16(writes ? POLLIN | POLLOUT : POLLIN), revents: 0)
        }
        guard poll(&watched, nfds_t(watched.count), deadline.pollTimeout) > 0 else { return !deadline.hasPassed }
        for (client, entry) in zip(open, watched) where entry.revents != 0 {
            if Int32(entry.revents) & POLLOUT != 0 { client.write() }
            if Int32(entry.revents) & ~POLLOUT != 0 { client.read() }
        }
        return true
    }

    /// Takes what is there.
    private func read() {
        if start > 1 << 20 {
            received.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        while !isAtEnd {
            let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
            let code = errno
            if count > 0 {
                received.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
                arrivals.append(Arrival(instant: .now, bytes: count))
            } else if count == 0 || (code != EAGAIN && code != EINTR) {
                isAtEnd = true
            } else {
                return
            }
        }
    }

    /// The next line that is whole; nil if there is none yet.
    public func takeLine() -> [UInt8]? {
        while start < received.count, [0x20, 0x0A, 0x0D].contains(received[start]) {
            if received[start] == 0x20 { spaces += 1 }
            start += 1
        }
        searched = max(searched, start)
        let feed = received.withUnsafeBytes { bytes in
            memchr(bytes.baseAddress! + searched, 0x0A, bytes.count - searched).map {
                bytes.baseAddress!.distance(to: UnsafeRawPointer($0))
            }
        }
        searched = received.count
        guard let feed else { return nil }
        defer {
            start = feed + 1
            searched = start
        }
        return Array(received[start..<feed])
    }

    /// What came of a line that has no end.
    public var tornLine: [UInt8] { Array(received[start...]) }

    /// Waits for the next line; nil when the daemon has closed.
    public func line(within limit: Duration = .seconds(20)) throws(TestFailure) -> [UInt8]? {
        let deadline = Deadline(in: limit)
        while true {
            if let line = takeLine() { return line }
            if isAtEnd { return nil }
            guard Self.wait(for: [self], until: deadline) else {
                throw TestFailure("nothing came for \(limit)")
            }
        }
    }

    /// Waits for the next frame.
    public func frame(within limit: Duration = .seconds(20)) throws(TestFailure) -> JSONObject {
        guard let line = try line(within: limit) else { throw TestFailure("the daemon closed the connection") }
        guard let frame = try? JSONReader.read(line).object else {
            throw TestFailure("not an object: \(String(decoding: line.prefix(200), as: UTF8.self))")
        }
        return frame
    }

    /// Waits for the first frame that fits; what comes before it is passed over.
    public func frame(
        within limit: Duration = .seconds(20), where fits: (JSONObject) -> Bool
    ) throws(TestFailure) -> JSONObject {
        let deadline = Deadline(in: limit)
        while !deadline.hasPassed {
            let frame = try frame(within: limit)
            if fits(frame) { return frame }
        }
        throw TestFailure("no frame fitted within \(limit)")
    }

    /// Sends a command and waits for its reply; events before it are passed over.
    public func ask(_ command: String, within limit: Duration = .seconds(20)) throws(TestFailure) -> JSONObject {
        send(command)
        return try frame(within: limit) { $0["ok"] != nil }
    }

    /// Sends a command again and again until its reply fits; each is sent when the last one is answered.
    public func ask(
        _ command: String, within limit: Duration = .seconds(20), until fits: (JSONObject) -> Bool
    ) throws(TestFailure) -> JSONObject {
        let deadline = Deadline(in: limit)
        while true {
            let reply = try ask(command, within: limit)
            if fits(reply) { return reply }
            if deadline.hasPassed { throw TestFailure("\(command) is still answered with \(reply)") }
        }
    }

    /// Everything that still comes, until the daemon closes.
    public func rest(within limit: Duration = .seconds(20)) throws(TestFailure) -> [JSONObject] {
        let deadline = Deadline(in: limit)
        var frames: [JSONObject] = []
        while let line = try line(within: limit) {
            guard let frame = try? JSONReader.read(line).object else { throw TestFailure("a line that is no object") }
            frames.append(frame)
            if deadline.hasPassed { throw TestFailure("the daemon has not closed within \(limit)") }
        }
        return frames
    }
}
