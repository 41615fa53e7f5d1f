import Glibc

/// The service manager's end of a daemon's readiness message: becomes readable when the daemon listens.
final class ReadinessSocket {
    let path: String
    let descriptor: Int32

    init(path: String) throws(TestFailure) {
        self.path = path
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_UNIX, kind, 0)
        unlink(path)
        guard descriptor >= 0, UnixAddress.with(path, { bind(descriptor, $0, $1) }) == 0 else {
            throw TestFailure("bind \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }
}
