import Glibc

/// Two connected sockets that do not block: ours is what a test gives away, the peer is somebody else.
public final class SocketPair {
    /// The end that a test gives away.
    public let ours: Int32
    private var peer: Int32

    /// Makes both.
    public init() {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        precondition(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        (ours, peer) = (ends[0], ends[1])
    }

    deinit {
        closePeer()
        close(ours)
    }

    // MARK: The peer

    /// The peer sends a text.
    public func send(_ text: String) { _ = write(peer, text, text.utf8.count) }

    /// The peer ends its output.
    public func halfClosePeer() { shutdown(peer, Int32(SHUT_WR)) }

    /// The peer goes away.
    public func closePeer() {
        if peer >= 0 { close(peer) }
        peer = -1
    }

    /// What has arrived at the peer.
    public func arrived(atMost limit: Int = .max) -> [UInt8] {
        var arrived: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while arrived.count < limit {
            let count = read(peer, &buffer, min(buffer.count, limit - arrived.count))
            guard count > 0 else { break }
            arrived += buffer[..<count]
        }
        return arrived
    }

    // MARK: Our end

    /// What `read` says: a count, 0 at the end of input, -1 when there is nothing.
    public func receive() -> Int {
        var buffer = [UInt8](repeating: 0, count: 256)
        return read(ours, &buffer, buffer.count)
    }
}
