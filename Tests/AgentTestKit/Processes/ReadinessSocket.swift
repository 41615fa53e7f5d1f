import Glibc

/// The service manager's end of a daemon's readiness message: becomes readable when the daemon listens.
final class ReadinessSocket {
    let path: String
    private let socket = UnixSocket(SOCK_DGRAM)

    init(path: String) throws(TestFailure) {
        self.path = path
        unlink(path)
        guard socket.bind(path) else { throw TestFailure("bind \(path): \(String(cString: strerror(errno)))") }
    }

    deinit { unlink(path) }

    var descriptor: Int32 { socket.descriptor }
}
