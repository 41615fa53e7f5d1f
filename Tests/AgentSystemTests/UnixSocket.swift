import Glibc

/// A plain socket of a test: somebody else's daemon, a client, or a service manager.
final class UnixSocket {
    let descriptor: Int32

    init(_ kind: __socket_type) { descriptor = socket(AF_UNIX, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) }

    private init(accepted: Int32) { descriptor = accepted }

    deinit { close(descriptor) }

    /// Binds to a path; `@name` is an abstract name.
    func bind(_ path: String) -> Bool {
        Self.withAddress(path) { Glibc.bind(descriptor, $0, $1) == 0 }
    }

    func listen() -> Bool { Glibc.listen(descriptor, 8) == 0 }

    func connect(_ path: String) -> Bool {
        Self.withAddress(path) { Glibc.connect(descriptor, $0, $1) == 0 }
    }

    /// The next connection of a listening descriptor; nil when none waits on a non-blocking one.
    static func accept(_ listener: Int32) -> UnixSocket? {
        let number = Glibc.accept(listener, nil, nil)
        return number >= 0 ? UnixSocket(accepted: number) : nil
    }

    func send(_ text: String) { _ = Glibc.write(descriptor, text, text.utf8.count) }

    func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    private static func withAddress<Result>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
        return withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
