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
    enum State {
        case open
        /// The peer sends no more commands, but may still read.
        case inputEnded
        case closed
    }

    /// Read in one turn, so that one busy client does not keep the others waiting.
    static let readBytes = 64 * 1024
    /// Read of what a peer wrote before it went: more than Linux keeps for one socket unless it was told otherwise.
    private static let restBytes = 1024 * 1024
    private static let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readBytes, alignment: 16)

    let client: ClientID
    let peer: PeerIdentity
    let server: Server
    let descriptor: Int32
    private var registration: Registration?
    private(set) var state = State.open
    /// Whether the kernel has reported the end of input.
    private var hasSeenEnd = false
    private var lines = LineDecoder()
    var replies = ReplyQueue<StreamOpening>()
    var outbox = Outbox()
    /// Pages that were asked for and are not being read yet, oldest first.
    var pages: [Page] = []
    var isReadingPage = false
    /// Streams that have begun, and those whose run is not accepted yet.
    var streams: [ObjectIdentifier: EventStream] = [:]
    /// Streams that are behind their runs, in the order in which they are read to.
    var catchingUp: [EventStream] = []
    /// The turn in which streams have last read on.
    var lastReadOn: UInt64 = 0
    /// Whether the server knows that there is something to write.
    var isDirty = false
    var lastWrite: Int64 = 0
    var stall: StallWatch
    lazy var stallTimer = LoopTimer { [unowned self] in stallIsDue() }
    private var keepAlive: LoopTimer?
    /// Whether it is told as soon as there is room for more commands.
    var waitsForRoom = false
    /// Whether its peer has gone while there was none.
    private(set) var hasHungUp = false
    /// What the server has counted of this connection.
    var counted = (unread: 0, unfinished: 0, unanswered: 0)

    init(server: Server, client: ClientID, descriptor: Int32, peer: PeerIdentity) {
        self.server = server
        self.client = client
        self.descriptor = descriptor
        self.peer = peer
        stall = StallWatch(limit: server.stallNanoseconds)
    }

    func start() throws(LoopError) {
        registration = try EventLoop.shared.watch(descriptor, for: .readable, handler: self)
    }

    // MARK: Reading

    /// Whether more commands may be taken: a client that does not read its replies is not read either.
    private var acceptsCommands: Bool {
        replies.unanswered < Limits.commands && replies.heldBytes < Limits.outboxBytes && hasRoom && hasRoomForCommands
    }

    /// Bytes of lines that are not taken.
    var unfinishedBytes: Int { lines.pendingBytes }

    /// All clients together keep more unfinished lines than is allowed, and this one keeps most: its line is refused, as
    /// if it had been too long. False when it has none that could be given up.
    func giveUpLine() -> Bool {
        guard state == .open, lines.giveUp() else { return false }
        server.router.refuseUnfinishedLine(on: self)
        return true
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

    func takeLines() {
        while state != .closed, acceptsCommands, let line = lines.next() {
            take(line)
            count()
        }
        lines.trim()
        count()
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

    /// What the loop watches for.
    var interest: Readiness? { registration?.interest }

    func updateInterest() {
        if !hasRoomForCommands { waitForRoom() }
        guard var registration else { return }
        var interest: Readiness = []
        // The end of input, once seen, would be reported for ever.
        if !hasSeenEnd, state == .inputEnded || acceptsCommands { interest.insert(.readable) }
        if stall.isBlocked { interest.insert(.writable) }
        EventLoop.shared.update(&registration, interest: interest)
        self.registration = registration
    }

    // MARK: Answering

    /// A command has come that takes so many bytes until it has its reply.
    func openReply(_ weight: Int = 0) -> ReplyQueue<StreamOpening>.Slot { replies.open(weight) }

    /// Gives a command its reply; it leaves as soon as all before it have left.
    func answer(_ slot: ReplyQueue<StreamOpening>.Slot, _ reply: [UInt8], opening: StreamOpening? = nil) {
        guard !isClosed else {
            replies.fill(slot, [], opening: nil)
            return count()
        }
        replies.fill(slot, reply, opening: opening)
        while let ready = replies.next() {
            append { $0.append(contentsOf: ready.reply) }
            guard let opening = ready.stream else { continue }
            endStream(of: opening.runID)
            opening.stream?.open()
        }
        count()
        server.markDirty(self)
    }

    var isClosed: Bool { state == .closed }

    // MARK: Ending

    /// The peer is gone. What it sent before is still done, as soon as there is room for it: a command may be sent and not
    /// waited for.
    func hungUp() {
        guard state != .closed else { return }
        guard server.hasRoomForCommands else {
            hasHungUp = true
            // It would be told for ever.
            if let registration { EventLoop.shared.cancel(registration) }
            registration = nil
            dropPages()
            return waitForRoom()
        }
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
        stallTimer.cancel()
        if let registration { EventLoop.shared.cancel(registration) }
        registration = nil
        Glibc.close(descriptor)
        for stream in streams.values {
            stream.close()
            leave(stream)
        }
        streams = [:]
        catchingUp = []
        dropPages()
        server.closed(self)
    }
}

extension Connection: ReadinessHandler {
    func ready(_ readiness: Readiness) {
        if readiness.contains(.hungUp) || readiness.contains(.failed) { return hungUp() }
        if readiness.contains(.writable) {
            stall.becameWritable()
            write()
            server.markDirty(self)
        }
        if readiness.contains(.readable), state != .closed {
            read()
            server.boundUnfinishedLines()
        }
    }
}
