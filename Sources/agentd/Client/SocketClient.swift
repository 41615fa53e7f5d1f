import AgentProtocol
import AgentSystem
import ArgumentParser
import Glibc

/// A connection to the daemon for programs that do one thing at a time: commands go out, frames come in.
final class SocketClient {
    /// What the daemon sent, or what came instead.
    enum Outcome {
        /// A reply or an event.
        case frame(ClientFrame)
        /// The daemon closed the connection.
        case end
        /// A signal, by its number.
        case signal(Int32)
        /// Nothing, until the deadline.
        case deadline
        /// The other descriptor has something.
        case other
    }

    private let descriptor: Int32
    private var lines: LineReader

    /// Connects.
    ///
    /// - Throws: `ClientFailure` that says where it tried and what may be done.
    init(path: String) throws(ClientFailure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // The kernel wants room for a NUL at the end.
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw ClientFailure("a socket's path has 1 to 107 bytes: \(path)", ExitStatus.configuration)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }

        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else {
            throw ClientFailure("socket: \(String(cString: strerror(errno)))", ExitStatus.inputOutput)
        }
        let connected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else {
            let failure = Self.connectFailure(errno, path: path)
            close(number)
            throw failure
        }
        descriptor = number
        lines = LineReader(descriptor: number)
    }

    deinit { close(descriptor) }

    private static func connectFailure(_ error: Int32, path: String) -> ClientFailure {
        let reason = String(cString: strerror(error))
        if error == EACCES || error == EPERM {
            return ClientFailure("may not connect to \(path): \(reason)", ExitStatus.permission)
        }
        return ClientFailure(
            "no daemon at \(path): \(reason) (is agentd running? --socket or AGENTD_SOCKET name another place)",
            ExitStatus.unreachable)
    }

    /// Sends one command.
    ///
    /// A daemon that has closed the connection is no failure here: what it said before is still to be read.
    func send(_ command: JSONObject) throws(ClientFailure) {
        let line = command.line
        var sent = 0
        while sent < line.count {
            let count = line.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EPIPE || errno == ECONNRESET {
                return
            } else if errno != EINTR {
                throw ClientFailure("send: \(String(cString: strerror(errno)))", ExitStatus.inputOutput)
            }
        }
    }

    /// Says that no further command will come; the daemon answers what it has and then closes.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Waits for the next frame, or until another descriptor has something to read.
    ///
    /// - Throws: `ClientFailure` when the connection fails or a line is no frame.
    func next(
        until deadline: ContinuousClock.Instant? = nil, signals: SignalDescriptor? = nil, or other: Int32? = nil
    ) throws(ClientFailure) -> Outcome {
        switch try lines.next(until: deadline, signals: signals, or: other) {
        case .line(let line): .frame(try ClientFrame(line))
        case .end: .end
        case .signal(let number): .signal(number)
        case .deadline: .deadline
        case .other: .other
        }
    }

    /// Sends a command and waits for its reply; what else comes before it is passed over.
    ///
    /// - Throws: `ClientFailure` with the daemon's words when the command is refused, and when no reply comes.
    func ask(
        _ command: JSONObject, until deadline: ContinuousClock.Instant? = nil
    ) throws(ClientFailure) -> ClientFrame {
        try send(command)
        while true {
            switch try next(until: deadline) {
            case .frame(let frame):
                guard let ok = frame.ok else { continue }
                guard ok else { throw frame.refusal }
                for warning in frame["warnings"]?.array ?? [] { Terminal.errors.note(warning.string ?? "") }
                return frame
            case .end: throw ClientFailure("the daemon closed the connection without a reply", ExitStatus.tryAgain)
            case .deadline: throw ClientFailure("the daemon did not answer in time", ExitStatus.tryAgain)
            case .signal, .other: continue
            }
        }
    }
}
