import Glibc

/// Tells the service manager how we are: the `sd_notify` protocol, one datagram of `NAME=VALUE` lines.
///
/// Source: sd_notify(3). Without a manager every message goes nowhere, which is not an error.
public final class ServiceNotifier: Sendable {
    /// Where the manager listens: a path, or a name after `@`; nil without a manager.
    private let address: String?
    /// Kept, so that a word can be said also when the process is out of descriptors.
    private let socket: Descriptor?
    private let number: Int32

    /// Finds the manager in `NOTIFY_SOCKET`.
    public init(environment: [String: String]) {
        address = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        number = address == nil ? -1 : Glibc.socket(AF_UNIX, kind, 0)
        socket = Descriptor(number)
    }

    /// Sends lines such as `READY=1` or `STATUS=serving` in one message; waits at most one second for a busy manager, or
    /// not at all.
    ///
    /// - Returns: what went wrong, for the log; the daemon works on without its manager.
    @discardableResult
    public func send(_ lines: [String], mayWait: Bool = true) -> SystemError? {
        guard let address else { return nil }
        guard let target = Self.resolve(address) else {
            return SystemError(operation: "notify", path: address, errno: EAFNOSUPPORT)
        }
        guard number >= 0 else {
            return SystemError(operation: "notify", path: address, errno: ENOTSOCK, hint: "there was no descriptor")
        }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        guard setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size)) == 0
        else { return .last("setsockopt") }

        let message = lines.map(Self.singleLine).joined(separator: "\n")
        let bytes = Array(message.utf8)
        let sent = target.withPointer { pointer, size in
            sendto(
                number, bytes, bytes.count, Int32(MSG_NOSIGNAL) | (mayWait ? 0 : Int32(MSG_DONTWAIT)), pointer,
                size)
        }
        return sent == bytes.count ? nil : .last("notify", address)
    }

    private static func resolve(_ address: String) -> SocketAddress? {
        switch address.utf8.first {
        case UInt8(ascii: "/"): SocketAddress(path: address)
        case UInt8(ascii: "@"): SocketAddress(abstract: String(address.dropFirst()))
        default: nil
        }
    }

    /// A line break inside a value would be read as the beginning of another variable.
    private static func singleLine(_ line: String) -> String {
        String(line.map { $0.isNewline ? " " : $0 })
    }
}
