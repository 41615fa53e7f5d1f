import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// The server's end of one connection: reads requests and writes whatever a test wants to have written.
///
/// `@unchecked Sendable` is safe: one thread reads, writes and closes; `cut` only shuts the descriptor down, and what
/// others ask for is behind the mutex.
public final class ServerConnection: @unchecked Sendable {
    private struct State {
        var isOpen = true
        var receivedBytes = 0
        var endedAt: ContinuousClock.Instant?
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    private var buffer: [UInt8] = []
    private var requests = 0

    /// Bytes that have come so far.
    public var receivedBytes: Int { state.withLock { $0.receivedBytes } }

    /// When the client's end was seen: it closed, or broke the connection. Nil while somebody reads and nothing of it
    /// has been seen.
    public var endedAt: ContinuousClock.Instant? { state.withLock { $0.endedAt } }

    /// Whether we have not closed it.
    public var isOpen: Bool { state.withLock { $0.isOpen } }

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The next request; nil when the client has closed.
    func nextRequest() -> ServerRequest? {
        while true {
            if let end = headEnd() {
                let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
                }
                let length = headers["content-length"].flatMap { Int($0) } ?? 0
                if buffer.count >= end + 4 + length {
                    let body = Array(buffer[(end + 4)..<(end + 4 + length)])
                    buffer.removeSubrange(..<(end + 4 + length))
                    requests += 1
                    return ServerRequest(
                        line: lines.first.map(String.init) ?? "", headers: headers, body: body, number: requests)
                }
            }
            guard receive() else { return nil }
        }
    }

    private func headEnd() -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard buffer.count >= 4 else { return nil }
        return (0...(buffer.count - 4)).first { buffer[$0..<($0 + 4)].elementsEqual(mark) }
    }

    private func receive() -> Bool {
        // The number of a descriptor that is closed may be another connection's by now.
        guard isOpen else { return false }
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        let count = read(descriptor, &chunk, chunk.count)
        state.withLock { state in
            if count > 0 { state.receivedBytes += count } else { state.endedAt = .now }
        }
        guard count > 0 else { return false }
        buffer.append(contentsOf: chunk[..<count])
        return true
    }

    /// Writes bytes as they are; false when the client is gone.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        guard isOpen else { return false }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Writes a text as it is; false when the client is gone.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Writes a status line and the header of an event stream in chunks.
    public func sendStreamHead(status: String = "200 OK", extra: String = "") {
        send("HTTP/1.1 \(status)\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\(extra)\r\n")
    }

    /// Writes one chunk of a chunked body; false when the client is gone.
    @discardableResult
    public func sendChunk(_ text: String) -> Bool { sendChunk(Array(text.utf8)) }

    /// Writes one chunk of a chunked body; false when the client is gone.
    @discardableResult
    public func sendChunk(_ bytes: [UInt8]) -> Bool {
        send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8))
    }

    /// Ends a chunked body.
    public func sendLastChunk() { send("0\r\n\r\n") }

    /// Writes a whole answer with a body of known length.
    public func sendWhole(status: String, headers: String = "", _ body: String) {
        send("HTTP/1.1 \(status)\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Waits until the client has closed; what it sends meanwhile is read and dropped.
    public func waitForClose() { while receive() { buffer = [] } }

    /// Writes something again and again, so many milliseconds apart, until the client has closed.
    public func keepSending(every milliseconds: Int32, _ next: () -> [UInt8]) {
        var isSending = true
        while true {
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&watched, 1, milliseconds) != 0 {
                guard receive() else { return }
            } else if isSending {
                // A client that takes nothing more has not been seen to close.
                isSending = send(next())
            }
        }
    }

    /// Closes so that the client gets a reset.
    public func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        finish()
    }

    /// Closes.
    public func finish() {
        state.withLock { state in
            if state.isOpen { Glibc.close(descriptor) }
            state.isOpen = false
        }
    }

    /// Ends the connection from another thread: whoever reads or writes on it comes back.
    func cut() { state.withLock { if $0.isOpen { shutdown(descriptor, Int32(SHUT_RDWR)) } } }
}
