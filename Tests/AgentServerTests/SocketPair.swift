import Glibc

/// Two connected sockets: ours is written to, the peer may read.
final class SocketPair {
    let ours: Int32
    private var peer: Int32

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

    func closePeer() {
        if peer >= 0 { close(peer) }
        peer = -1
    }

    /// What has arrived.
    func receive(atMost limit: Int = .max) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while received.count < limit {
            let count = read(peer, &buffer, min(buffer.count, limit - received.count))
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        return received
    }
}
