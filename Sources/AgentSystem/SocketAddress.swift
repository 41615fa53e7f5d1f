import Glibc

/// The address of a Unix socket: a path, or a name in the kernel's abstract namespace.
struct SocketAddress {
    /// The longest path the kernel takes, in bytes, without the NUL at its end.
    static let longestPath = 107

    private var address = sockaddr_un()
    private let size: socklen_t

    /// The address of a path; nil when it is empty or too long.
    init?(path: String) { self.init(bytes: Array(path.utf8), closingByte: 1) }

    /// The address of a name that is no file; nil when it is too long.
    init?(abstract name: String) { self.init(bytes: [0] + Array(name.utf8), closingByte: 0) }

    /// An abstract name is as long as it is said to be; a path ends with a NUL that is counted.
    private init?(bytes: [UInt8], closingByte: Int) {
        guard !bytes.isEmpty, bytes.count <= Self.longestPath else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        size = socklen_t(start + bytes.count + closingByte)
    }

    /// Lends the address in the form that the socket calls want.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
