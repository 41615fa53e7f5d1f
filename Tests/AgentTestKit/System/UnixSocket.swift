public import Glibc

/// A plain socket of a test: somebody else's daemon, a client, or a service manager.
public final class UnixSocket {
    /// Its number; -1 once closed.
    public private(set) var descriptor: Int32

    /// Makes one; it waits where a call has to wait, unless it is told not to.
    public init(_ kind: __socket_type, isBlocking: Bool = true) {
        let flags = Int32(SOCK_CLOEXEC.rawValue) | (isBlocking ? 0 : Int32(SOCK_NONBLOCK.rawValue))
        descriptor = socket(AF_UNIX, Int32(kind.rawValue) | flags, 0)
    }

    private init(accepted: Int32) { descriptor = accepted }

    deinit { close() }

    /// Closes it; again is no harm.
    public func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Binds to a path; `@name` is an abstract name.
    public func bind(_ path: String) -> Bool { UnixAddress.with(path) { Glibc.bind(descriptor, $0, $1) } == 0 }

    /// Lets so many connections wait to be accepted.
    public func listen(_ backlog: Int32 = 8) -> Bool { Glibc.listen(descriptor, backlog) == 0 }

    /// Connects to a path; `@name` is an abstract name.
    public func connect(_ path: String) -> Bool { UnixAddress.with(path) { Glibc.connect(descriptor, $0, $1) } == 0 }

    /// The next connection of a listening descriptor; nil when none waits on a non-blocking one.
    public static func accept(_ listener: Int32) -> UnixSocket? {
        let number = Glibc.accept(listener, nil, nil)
        return number >= 0 ? UnixSocket(accepted: number) : nil
    }

    /// Sends a text that fits.
    public func send(_ text: String) { _ = Glibc.write(descriptor, text, text.utf8.count) }

    /// What has come, up to 4 KiB of it.
    public func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
