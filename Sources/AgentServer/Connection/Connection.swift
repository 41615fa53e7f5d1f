import AgentEngine
import AgentLoop
import AgentProtocol
import AgentSystem

#if canImport(Glibc)
import Glibc
#endif

/// One client: reads its lines, answers them in order, and carries its streams.
///
/// Ends in one of two ways. The peer hangs up: that is a disconnect, and stops what is bound to it. Or everything the
/// peer asked for has settled after the end of its input: then the daemon closes, and that stops nothing.
@LoopActor final class Connection {
    private enum State {
        case open
        /// The peer sends no more commands, but may still read.
        case inputEnded
        case closed
    }

    /// Read in one turn, so that one busy client does not keep the others waiting.
    private static let readBytes = 64 * 1024
    /// Read of what a peer wrote before it went: more than Linux keeps for one socket unless it was told otherwise.
    private static let restBytes = 1024 * 1024
    private static let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readBytes, alignment: 16)

    let client: ClientID
    let peer: PeerIdentity
    private let server: Server
    private let descriptor: Int32
    private var registration: Registration?
    private var state = State.open
    /// Whether the kernel has reported the end of input.
    private var hasSeenEnd = false
    private var lines = LineDecoder()
    private var replies = ReplyQueue<StreamOpening>()
    private var outbox = Outbox()
    /// Streams that have begun, and those whose run is not accepted yet.
    private var streams: [ObjectIdentifier: EventStream] = [:]
    /// Streams that are behind their runs.
    private var catchingUp: [ObjectIdentifier: EventStream] = [:]
    /// Whether the server knows that there is something to write.
    private var isDirty = false
    private var isBlocked = false
    private var lastWrite: Int64 = 0
    private var keepAlive: LoopTimer?

    init(server: Server, client: ClientID, descriptor: Int32, peer: PeerIdentity) {
        self.server = server
        self.client = client
        self.descriptor = descriptor
        self.peer = peer
    }

    func start() throws(LoopError) {
        registration = try EventLoop.shared.watch(descriptor, for: .readable, handler: self)
    }

    // MARK: Reading

    /// Whether more commands may be taken: a client that does not read its replies is not read either.
    private var acceptsCommands: Bool {
        replies.unanswered < Limits.commands && outbox.pendingBytes < Limits.outboxDetachBytes
    }

    private func read() {
        let count = Glibc.read(descriptor, Self.readBuffer.baseAddress, Self.readBytes)
        if count > 0 {
            // After `close: true` the rest is read only so that the peer's writes do not fail.
            guard state == .open else { return }
            lines.append(UnsafeRawBufferPointer(rebasing: Self.readBuffer[..<count]))
            takeLines()
        } else if count == 0 {
            hasSeenEnd = true
            lines.end()
            takeLines()
            endInput()
        } else if errno != EAGAIN && errno != EINTR {
            hungUp()
        }
    }

    private func takeLines() {
        while state != .closed, acceptsCommands, let line = lines.next() { take(line) }
        updateInterest()
    }

    private func take(_ line: LineDecoder.Output) {
        switch line {
        case .tooLong: server.router.refuseLongLine(on: self)
        case .line(let range):
            let decoded = lines.bytes.withUnsafeBytes {
                FrameDecoder.decode(UnsafeRawBufferPointer(rebasing: $0[range]))
            }
            guard server.router.route(decoded, from: self), state == .open else { return }
            // `close: true`: what comes after the last command is not looked at.
            lines = LineDecoder()
            endInput()
        }
    }

    /// The peer has said its last command, by half-closing or by `close: true`.
    private func endInput() {
        if state == .open {
            state = .inputEnded
            let timer = LoopTimer { [unowned self] in keepAliveIsDue() }
            keepAlive = timer
            lastWrite = EventLoop.shared.now
            timer.arm(at: lastWrite + Self.keepAliveNanoseconds)
            server.markDirty(self)
        }
        updateInterest()
    }

    private static let keepAliveNanoseconds = Int64(Limits.keepAliveMilliseconds) * 1_000_000

    /// One space after each silence, for readers that give up on a quiet socket.
    private func keepAliveIsDue() {
        let now = EventLoop.shared.now
        let isSilent = now - lastWrite >= Self.keepAliveNanoseconds
        if isSilent, outbox.isEmpty { append { $0.append(UInt8(ascii: " ")) } }
        keepAlive?.arm(at: (isSilent ? now : lastWrite) + Self.keepAliveNanoseconds)
    }

    private func updateInterest() {
        guard var registration else { return }
        var interest: Readiness = []
        // The end of input, once seen, would be reported for ever.
        if !hasSeenEnd, state == .inputEnded || acceptsCommands { interest.insert(.readable) }
        if isBlocked { interest.insert(.writable) }
        EventLoop.shared.update(&registration, interest: interest)
        self.registration = registration
    }

    // MARK: Answering

    func openReply() -> ReplyQueue<StreamOpening>.Slot { replies.open() }

    /// Gives a command its reply; it leaves as soon as all before it have left.
    func answer(_ slot: ReplyQueue<StreamOpening>.Slot, _ reply: [UInt8], opening: StreamOpening? = nil) {
        guard state != .closed else { return }
        replies.fill(slot, reply, opening: opening)
        while let ready = replies.next() {
            append { $0.append(contentsOf: ready.reply) }
            guard let opening = ready.stream else { continue }
            endStream(of: opening.runID)
            opening.stream?.open()
        }
        server.markDirty(self)
    }

    /// Adds bytes for the client; they leave at the end of the turn.
    func append(_ write: (inout [UInt8]) -> Void) {
        guard state != .closed else { return }
        outbox.append(write)
        server.markDirty(self)
        if outbox.pendingBytes > Limits.outboxDetachBytes { detachStreams() }
    }

    // MARK: Streams

    var isClosed: Bool { state == .closed }

    var hasRoomForStream: Bool { streams.count < Limits.streams }

    /// Whether a stream may read on in what has been: a client that reads slowly is read to slowly.
    var hasRoom: Bool { outbox.pendingBytes < Self.replayBytes }

    private static let replayBytes = 256 * 1024

    /// A stream whose reply has left reads what it has to catch up with, as the client has room for it.
    func readOn(_ stream: EventStream) {
        guard state != .closed, let cursor = stream.cursor else { return }
        server.engine.resume(cursor)
        if cursor.isCatchingUp { catchingUp[ObjectIdentifier(stream)] = stream }
    }

    private func readOn() {
        for (key, stream) in catchingUp {
            catchingUp[key] = nil
            readOn(stream)
        }
    }

    /// The stream of a run ends here, because the client wants no more of it, or another one in its place. One whose
    /// reply has not left belongs to a later command, even if its run was found first.
    private func endStream(of run: RunID) {
        for stream in streams.values where stream.runID == run && stream.isOpen && !stream.hasEnded {
            stream.close()
            leave(stream)
            ended(stream)
        }
    }

    func add(_ stream: EventStream) { streams[ObjectIdentifier(stream)] = stream }

    /// A stream has had its last event.
    func ended(_ stream: EventStream) {
        streams[ObjectIdentifier(stream)] = nil
        catchingUp[ObjectIdentifier(stream)] = nil
        server.markDirty(self)
    }

    /// A reader this far behind gets no more events; what it has to know to go on stands in the outbox.
    private func detachStreams() {
        for stream in streams.values where stream.runID != nil && stream.isOpen && !stream.hasEnded {
            stream.close()
            leave(stream)
            streams[ObjectIdentifier(stream)] = nil
            catchingUp[ObjectIdentifier(stream)] = nil
            outbox.append(stream.detachedFrame("slow_reader"))
        }
    }

    /// A stream wants no more of its run.
    func leave(_ stream: EventStream) {
        if let cursor = stream.cursor { server.engine.leave(cursor) }
    }

    // MARK: Writing

    /// Whether it is on the server's list of connections to write to.
    func markDirty() -> Bool {
        guard state != .closed, !isDirty else { return false }
        isDirty = true
        return true
    }

    var isFlushed: Bool { outbox.isEmpty && replies.unanswered == 0 }

    /// Writes what the turn brought, and closes when everything has settled.
    func flush() {
        isDirty = false
        guard state != .closed else { return }
        if !outbox.isEmpty, !isBlocked { write() }
        guard state != .closed else { return }
        if lines.pendingBytes > 0 { takeLines() }
        if !catchingUp.isEmpty, hasRoom { readOn() }
        if state == .inputEnded, replies.unanswered == 0, streams.isEmpty, outbox.isEmpty {
            close()
            server.engine.settled(client)
        }
    }

    private func write() {
        lastWrite = EventLoop.shared.now
        switch outbox.write(to: descriptor) {
        case .drained: isBlocked = false
        case .blocked: isBlocked = true
        case .broken: return hungUp()
        }
        updateInterest()
    }

    // MARK: Ending

    /// The peer is gone. What it sent before is still done: a command may be sent and not waited for.
    private func hungUp() {
        guard state != .closed else { return }
        readRest()
        close()
        server.engine.disconnected(client)
    }

    /// Takes what the peer had written before it went. A peer that only refuses to read may go on writing: it gets no
    /// more than a kernel's buffer full.
    private func readRest() {
        if state == .open, !hasSeenEnd {
            var rest = Self.restBytes
            while rest > 0,
                case let count = Glibc.read(descriptor, Self.readBuffer.baseAddress, Self.readBytes), count > 0
            {
                lines.append(UnsafeRawBufferPointer(rebasing: Self.readBuffer[..<count]))
                rest -= count
            }
            lines.end()
        }
        while let line = lines.next() { take(line) }
    }

    /// Closes without ceremony; used when the daemon ends and when everything has settled.
    func close() {
        guard state != .closed else { return }
        state = .closed
        keepAlive?.cancel()
        keepAlive = nil
        if let registration { EventLoop.shared.cancel(registration) }
        registration = nil
        Glibc.close(descriptor)
        for stream in streams.values {
            stream.close()
            leave(stream)
        }
        streams = [:]
        catchingUp = [:]
        server.closed(self)
    }
}

extension Connection: ReadinessHandler {
    func ready(_ readiness: Readiness) {
        if readiness.contains(.hungUp) || readiness.contains(.failed) { return hungUp() }
        if readiness.contains(.writable) {
            isBlocked = false
            write()
            server.markDirty(self)
        }
        if readiness.contains(.readable), state != .closed { read() }
    }
}
