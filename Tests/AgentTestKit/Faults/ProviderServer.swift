import AgentLoop
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A server on a loopback port of its own, one thread per connection, that does with each request what the test says.
///
/// `@unchecked Sendable` is safe: what changes is behind the mutex, the rest is set once.
public final class ProviderServer: @unchecked Sendable {
    private struct State {
        var connections: [ServerConnection] = []
        var threads: [WorkerThread] = []
        var isClosed = false
    }

    /// The port that the kernel chose.
    public let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())
    private let acceptor = WorkerThread(name: "test-acceptor")
    private let greet: @Sendable (ServerConnection) -> Void
    private let answer: @Sendable (ServerConnection, ServerRequest) -> Void

    /// Starts to listen; `answer` is called for each request, on the connection's thread, and may block. `greet` is
    /// called for each connection before anything is read.
    public init(
        greet: @escaping @Sendable (ServerConnection) -> Void = { _ in },
        _ answer: @escaping @Sendable (ServerConnection, ServerRequest) -> Void
    ) {
        self.greet = greet
        self.answer = answer
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, size) == 0 && listen(listener, 512) == 0
                    && getsockname(listener, generic, &size) == 0
            }
        }
        precondition(bound, "no loopback port to be had")
        port = UInt16(bigEndian: address.sin_port)
        acceptor.submit { [self] in acceptAll() }
    }

    /// The address without a path.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Connections that have come so far.
    public var connectionCount: Int { state.withLock { $0.connections.count } }

    /// The connections that have come so far, in order.
    public var connections: [ServerConnection] { state.withLock { $0.connections } }

    /// Ends every connection and the threads.
    public func close() {
        let (connections, threads) = state.withLock { state in
            state.isClosed = true
            defer { (state.connections, state.threads) = ([], []) }
            return (state.connections, state.threads)
        }
        shutdown(listener, Int32(SHUT_RDWR))
        acceptor.close()
        Glibc.close(listener)
        for connection in connections { connection.cut() }
        for thread in threads { thread.close() }
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            let connection = ServerConnection(descriptor)
            let thread = WorkerThread(name: "test-provider")
            let isOpen = state.withLock { state in
                guard !state.isClosed else { return false }
                state.connections.append(connection)
                state.threads.append(thread)
                return true
            }
            guard isOpen else { return connection.finish() }
            let (greet, answer) = (self.greet, self.answer)
            thread.submit {
                greet(connection)
                while let request = connection.nextRequest() { answer(connection, request) }
                connection.finish()
            }
        }
    }
}
