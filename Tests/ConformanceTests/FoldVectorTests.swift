import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@testable import agentd

@Suite("The vectors for clients", .ownThread)
struct FoldVectorTests {
    @Test("are there") func vectorsAreThere() { #expect(FoldVector.all.count >= 40) }

    @Test("bring the command line's reader every reply, and the text of every run", arguments: FoldVector.all)
    func readerUnderstands(_ vector: FoldVector) throws {
        var replies: [String] = []
        var texts: [String: AnswerText] = [:]
        var last: [String: Int64] = [:]
        var wholes: [String: String] = [:]
        for frame in try vector.connections.flatMap(frames(of:)) {
            if frame.ok != nil { replies.append(FoldVector.shown(reply: frame.members)) }
            guard let seq = frame["seq"]?.int64, let run = frame.string("run_id"), seq > last[run] ?? 0 else {
                continue
            }
            last[run] = seq
            if frame.kind == .runContent { _ = texts[run, default: AnswerText()].add(frame) }
            if frame.kind == .runRetrying, let id = frame.string("discards") { texts[run]?.discard(id) }
            if frame.kind?.isTerminal == true { wholes[run] = frame.string("content") }
        }
        #expect(replies == vector.replies)
        for (run, content) in vector.contents { #expect((texts[run]?.text ?? wholes[run] ?? "") == content) }
    }

    @Test("are understood by the example host and by the built agentd run")
    func clientsUnderstand() throws {
        let directory = try TemporaryDirectory()
        let said = directory.file("said")
        let clients = try AgentTestKit.ChildProcess(
            ["python3", "-B", Checkout.file("examples/test_vectors.py")],
            environment: ["AGENTD": DaemonProcess.binary()], output: said)
        let ending = try clients.wait(within: .seconds(120))
        #expect(ending == .exited(0), "\(TemporaryDirectory.read(said))")
    }

    /// What the reader makes of one connection's reads, each of which it gets by itself.
    private func frames(of reads: [[UInt8]]) throws -> [ClientFrame] {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        defer { close(ends[0]) }
        var writing = ends[1]
        _ = fcntl(writing, F_SETFL, fcntl(writing, F_GETFL) | O_NONBLOCK)
        defer { if writing >= 0 { close(writing) } }
        var reader = LineReader(descriptor: ends[0])
        var frames: [ClientFrame] = []
        func take(until deadline: ContinuousClock.Instant?) throws {
            while case .line(let line) = try reader.next(until: deadline) { frames.append(try ClientFrame(line)) }
        }
        for read in reads {
            var rest = read[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(writing, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                if count > 0 { rest = rest.dropFirst(count) }
                // A deadline that has passed still lets the reader take what is there.
                try take(until: .now + .milliseconds(1))
            }
        }
        close(writing)
        writing = -1
        try take(until: nil)
        return frames
    }
}
