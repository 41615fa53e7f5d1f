import Glibc

/// Two connected sockets: ours stands on the loop, the peer is somebody else.
final class SocketPair {
    let ours: Int32
    private(set) var peer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        precondition(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        (ours, peer) = (ends[0], ends[1])
    }

    deinit {
        closePeer()
        close(ours)
    }

    func send(_ text: String) { _ = write(peer, text, text.utf8.count) }

    func halfClosePeer() { shutdown(peer, Int32(SHUT_WR)) }

    func closePeer() {
        if peer >= 0 { close(peer) }
        peer = -1
    }

    /// What `read` says: a count, 0 at the end of input, -1 when there is nothing.
    func receive() -> Int {
        var buffer = [UInt8](repeating: 0, count: 256)
        return read(ours, &buffer, buffer.count)
    }
}
