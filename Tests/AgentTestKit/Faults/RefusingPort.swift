import Glibc

/// A loopback port that is taken and that nobody listens on: every connection is refused.
public final class RefusingPort: Sendable {
    /// The address without a path.
    public let url: String
    private let descriptor: Int32

    /// Takes a port.
    public init() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        url = "http://127.0.0.1:\(LoopbackAddress.bind(descriptor).port)"
    }

    deinit { close(descriptor) }
}

/// A loopback port whose queue of connections is full: the next connection hangs.
public final class FullQueue: Sendable {
    /// The port's number.
    public let port: UInt16
    private let listener: Int32
    private let clients: [Int32]

    /// The address without a path.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Takes a port and fills its queue.
    public init() {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        let address = LoopbackAddress.bind(listener)
        port = address.port
        precondition(listen(listener, 0) == 0, "cannot listen")
        clients = (0..<4).map { _ in
            let client = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            address.connect(client)
            return client
        }
    }

    deinit { for descriptor in clients + [listener] { close(descriptor) } }
}

/// A port of the loopback address.
struct LoopbackAddress {
    private var address: sockaddr_in

    var port: UInt16 { UInt16(bigEndian: address.sin_port) }

    /// Binds a socket to a port that the kernel chooses.
    static func bind(_ descriptor: Int32) -> LoopbackAddress {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.bind(descriptor, generic, size) == 0 && getsockname(descriptor, generic, &size) == 0
            }
        }
        precondition(isBound, "no loopback port to be had")
        return LoopbackAddress(address: address)
    }

    /// Begins to connect a socket.
    func connect(_ descriptor: Int32) {
        var address = address
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
