import Glibc

/// The address of a Unix socket, for as long as a call needs it.
enum UnixAddress {
    /// `@name` is an abstract name.
    static func with(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        // The NUL stands before an abstract name, which has exactly its length, and after a path.
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 } else { bytes.append(0) }
        precondition(bytes.count <= MemoryLayout.size(ofValue: address.sun_path), "a socket's path is short")
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = MemoryLayout.size(ofValue: address.sun_family) + bytes.count
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
        }
    }
}
