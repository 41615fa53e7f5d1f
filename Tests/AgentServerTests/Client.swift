import AgentLoop
import AgentProtocol
import AgentTestKit
import Glibc

/// A client that never blocks, because it lives on the loop of the server that it talks to.
@LoopActor final class Client {
    private let socket = UnixSocket(SOCK_STREAM, isBlocking: false)
    private var unread: [UInt8] = []
    /// Everything that has come, as bytes and as frames.
    private(set) var received: [UInt8] = []
    private(set) var frames: [JSONObject] = []
    /// Whether the server has closed.
    private(set) var isAtEnd = false

    init(path: String) { precondition(socket.connect(path)) }

    /// Sends lines that fit into the socket.
    func send(_ lines: String...) { sendRaw(lines.map { $0 + "\n" }.joined()) }

    func sendRaw(_ text: String) {
        let count = Glibc.send(socket.descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        precondition(count == text.utf8.count, "the test sends more than the socket takes")
    }

    /// Sends what does not fit at once.
    func sendAll(_ bytes: [UInt8]) async -> Bool {
        var sent = 0
        return await eventually {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket.descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            sent += max(count, 0)
            return sent == bytes.count
        }
    }

    func halfClose() { shutdown(socket.descriptor, Int32(SHUT_WR)) }

    func close() { socket.close() }

    /// Takes what has arrived.
    func read() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isAtEnd {
            let count = Glibc.read(socket.descriptor, &buffer, buffer.count)
            if count == 0 { isAtEnd = true }
            guard count > 0 else { return }
            received += buffer[..<count]
            unread += buffer[..<count]
            while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                if let frame = try? JSONReader.read(Array(unread[..<end])).object { frames.append(frame) }
                unread.removeSubrange(...end)
            }
        }
    }

    /// Reads until something is so.
    func reads(until condition: () -> Bool) async -> Bool {
        await eventually {
            read()
            return condition()
        }
    }

    /// Reads until so many frames have come.
    func reads(_ count: Int) async -> Bool { await reads { frames.count >= count } }

    /// Reads until the server closes.
    func readsToTheEnd() async -> Bool { await reads { isAtEnd } }

    /// The frames in short: `ping` for a reply, `ping:error_code` for a refusal, `run_started` for an event.
    var story: [String] {
        frames.map { frame in
            if let event = frame["event"]?.string { return event }
            let code = frame["error"]?.object?["code"]?.string
            return (frame["cmd"]?.string ?? "?") + (code.map { ":" + $0 } ?? "")
        }
    }

    /// The ids that frames carry, as they are written.
    var ids: [String] {
        frames.map { frame in
            switch frame["id"] {
            case .string(let text): text
            case .number(let number): number.text
            default: "-"
            }
        }
    }
}
