import Glibc

/// A listening socket that the service manager made and handed over, so that clients can connect while no daemon runs.
///
/// Source: sd_listen_fds(3). The file that it stands at is the manager's and is left alone.
public final class InheritedSocket: ListeningSocket {
    /// Where clients connect; empty for a socket without a path.
    public let path: String
    /// The listening socket, non-blocking and closed on exec.
    public let fileDescriptor: Int32

    /// The manager keeps it.
    public var outlivesUs: Bool { true }

    /// The number at which descriptors that are handed over begin.
    private static let first: Int32 = 3
    private static let operation = "take over the manager's socket"

    private init(path: String, fileDescriptor: Int32) {
        self.path = path
        self.fileDescriptor = fileDescriptor
    }

    /// Takes over the one socket that this process was handed; nil when it was handed none.
    ///
    /// - Throws: `SystemError` when it is more than one, or no listening Unix stream socket.
    public static func adopt(environment: [String: String]) throws(SystemError) -> InheritedSocket? {
        // What was meant for another process, from which this one has the variables, is not ours.
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == getpid(),
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0
        else { return nil }
        guard count == 1 else { throw refusal("it handed over \(count) sockets, and agentd listens on one") }
        for (option, expected, complaint) in [
            (SO_DOMAIN, AF_UNIX, "it is no Unix socket"),
            (SO_TYPE, Int32(SOCK_STREAM.rawValue), "it is no stream socket"),
            (SO_ACCEPTCONN, 1, "it does not listen"),
        ] {
            guard try number(of: option) == expected else { throw refusal(complaint) }
        }
        let flags = fcntl(first, F_GETFL)
        guard flags >= 0, fcntl(first, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(first, F_SETFD, FD_CLOEXEC) == 0 else {
            throw .last(operation)
        }
        return InheritedSocket(path: try name(), fileDescriptor: first)
    }

    /// Stops listening; the manager goes on.
    public func close() { _ = Glibc.close(fileDescriptor) }

    private static func refusal(_ hint: String) -> SystemError {
        SystemError(operation: operation, errno: EINVAL, hint: hint)
    }

    private static func number(of option: Int32) throws(SystemError) -> Int32 {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(first, SOL_SOCKET, option, &value, &size) == 0 else { throw .last(operation) }
        return value
    }

    private static func name() throws(SystemError) -> String {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(first, $0, &size) }
        }
        guard code == 0 else { throw .last(operation) }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
        return withUnsafeBytes(of: address) { bytes in
            String(decoding: bytes[start...].prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
