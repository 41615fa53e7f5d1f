import AgentEngine
import AgentLoop
import AgentProtocol

/// One connection's cursor on one run: turns committed events into lines of that connection.
///
/// A stream has no room before the reply to its command has left, so that the reply precedes it, and none while its client
/// does not read. It keeps its place then and nothing else, and what it misses is read from the run's log.
@LoopActor final class EventStream {
    nonisolated let wantsFinalOnly: Bool
    /// Lets go of its streams when it closes.
    private let connection: Connection
    /// The command's `id`, as it stands in each frame: `"id":…,` or nothing.
    private let echo: [UInt8]
    /// The stream's place in the run's log, once the run is known.
    private(set) var cursor: RunCursor?
    private(set) var lastSeq: Int64 = 0
    /// Whether its reply has left.
    private(set) var isOpen = false
    private(set) var hasEnded = false
    /// Everything of a content frame up to the seq: the same for every token.
    private var contentHead: [UInt8] = []

    init(connection: Connection, id: FrameID?, mode: StreamMode) {
        self.connection = connection
        wantsFinalOnly = mode == .final
        var writer = JSONWriter(capacity: 32)
        if let id {
            writer.key("id")
            id.write(to: &writer)
            writer.bytes.append(UInt8(ascii: ","))
        }
        echo = writer.bytes
    }

    /// The run is known now, and what the client has of it already.
    func begin(_ cursor: RunCursor) {
        self.cursor = cursor
        lastSeq = cursor.position
    }

    var runID: RunID? { cursor?.runID }

    /// The reply has left: what there is to read follows it.
    func open() {
        isOpen = true
        connection.catchUp(self)
    }

    /// The connection wants nothing more of it.
    func close() { hasEnded = true }

    /// The line that tells the client that it gets no more of this run, and from where it may go on.
    func detachedFrame(_ reason: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("event", "stream_detached")
        if !echo.isEmpty {
            writer.bytes.append(UInt8(ascii: ","))
            writer.bytes.append(contentsOf: echo.dropLast())
        }
        writer.member("run_id", runID)
        writer.member("after", lastSeq)
        writer.member("reason", reason)
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private func head(of event: borrowing CommittedEvent) -> [UInt8] {
        if event.kind == .runContent, !contentHead.isEmpty { return contentHead }
        var head = Array(#"{"event":""#.utf8)
        head.append(contentsOf: event.kind.rawValue.utf8)
        head.append(contentsOf: #"","#.utf8)
        head.append(contentsOf: echo)
        head.append(contentsOf: #""run_id":""#.utf8)
        head.append(contentsOf: event.runID.text.utf8)
        head.append(contentsOf: #"","session_id":""#.utf8)
        head.append(contentsOf: event.sessionID.text.utf8)
        head.append(contentsOf: #"","seq":"#.utf8)
        if event.kind == .runContent { contentHead = head }
        return head
    }

    private static let ts = Array(#","ts":"#.utf8)

    private func write(_ event: borrowing CommittedEvent, to bytes: inout [UInt8]) {
        // The writer borrows the bytes for as long as it writes: nothing is allocated for a token.
        var writer = JSONWriter(capacity: 0)
        swap(&writer.bytes, &bytes)
        writer.bytes.append(contentsOf: head(of: event))
        writer.integer(event.seq)
        writer.bytes.append(contentsOf: Self.ts)
        writer.integer(event.ts)
        if let content = event.content {
            writer.key("content")
            writer.escaped(content)
        }
        writer.bytes.append(UInt8(ascii: ","))
        // The payload is an object of at least one member: its opening brace has been written with the head.
        writer.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: event.payload.dropFirst()))
        writer.bytes.append(UInt8(ascii: "\n"))
        swap(&writer.bytes, &bytes)
    }
}

extension EventStream: @LoopActor EventSink {
    var hasRoom: Bool { isOpen && !hasEnded && connection.hasRoom }

    func fellBehind() { if isOpen, !hasEnded { connection.catchUp(self) } }

    func broke(_ reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        connection.append { $0.append(contentsOf: detachedFrame(reason)) }
        connection.ended(self)
    }

    func deliver(_ event: borrowing CommittedEvent) {
        guard !hasEnded else { return }
        lastSeq = event.seq
        connection.append { write(event, to: &$0) }
        guard event.kind.isTerminal else { return }
        hasEnded = true
        connection.ended(self)
    }
}
