import Glibc

/// A port whose queue of connections is full, so that the next connection hangs.
final class FullListener {
    let url: String
    private let listener: Int32
    private var clients: [Int32] = []

    init() {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var made: [Int32] = []
        let listener = self.listener
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(listener, generic, size) == 0 && listen(listener, 0) == 0)
                precondition(getsockname(listener, generic, &size) == 0)
                for _ in 0..<4 {
                    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                    connect(client, generic, size)
                    made.append(client)
                }
            }
        }
        clients = made
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/"
    }

    func close() { for descriptor in clients + [listener] { Glibc.close(descriptor) } }
}
