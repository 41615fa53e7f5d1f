public import AgentEngine
public import AgentLoop
import AgentProtocol
import AgentSystem
public import Logging

#if canImport(Glibc)
import Glibc
#endif

/// The door: accepts clients on one listening socket and writes to all of them at the end of each turn.
@LoopActor public final class Server {
    /// Clients accepted in one turn.
    private static let acceptsPerTurn = 64
    /// How long accepting rests when the process is out of descriptors.
    private static let acceptRest = Duration.milliseconds(250)

    let engine: Engine
    let router: CommandRouter
    private let listener: Int32
    private let limits: DoorLimits
    /// How long a reader may take no byte.
    let stallNanoseconds: Int64
    private let logger: Logger
    private var registration: Registration?
    private var turnEnd: TurnEndHook?
    private var connections: [ClientID: Connection] = [:]
    private var dirty: [Connection] = []
    private var lastClient: UInt64 = 0
    private var isRefusing = false
    /// Bytes that wait to be read by all clients, and bytes of lines of theirs that have not been taken.
    private(set) var unreadBytes = 0
    private var unfinishedBytes = 0
    /// What commands take that have no answer yet, and who waits until that is less.
    private var unansweredBytes = 0
    private var waiting: [Connection] = []
    private lazy var acceptTimer = LoopTimer { [unowned self] in resumeAccepting() }

    /// A server on a listening, non-blocking socket, which stays the caller's.
    public init(
        engine: Engine, listener: Int32, info: ServerInfo, limits: DoorLimits = DoorLimits(), logger: Logger
    ) {
        self.engine = engine
        self.listener = listener
        self.limits = limits
        stallNanoseconds =
            limits.stall.components.seconds * 1_000_000_000
            + limits.stall.components.attoseconds / 1_000_000_000
        self.logger = logger
        router = CommandRouter(engine: engine, info: info, connectionLimit: limits.connections)
    }

    /// Clients that are connected.
    public var connectionCount: Int { connections.count }

    /// Begins to accept, and writes at the end of each turn from now on.
    public func start() throws {
        router.load = { [unowned self] in CommandRouter.Load(connections: connections.count, unreadBytes: unreadBytes) }
        registration = try EventLoop.shared.watch(listener, for: .readable, handler: self)
        turnEnd = EventLoop.shared.atTurnEnd { [unowned self] in flush() }
    }

    /// Tells every client that the daemon is going down.
    public func announceDrain(grace: Duration) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("event", "server_draining")
        writer.member("grace_s", grace.components.seconds)
        writer.endObject()
        for connection in connections.values { connection.append { $0.append(contentsOf: writer.bytes + [0x0A]) } }
    }

    /// Whether every client has been handed everything that is meant for it.
    public var isFlushed: Bool { connections.values.allSatisfy(\.isFlushed) }

    /// Accepts nobody any more: whoever knocks waits for the next daemon on the same socket.
    public func rest() {
        stopAccepting()
        acceptTimer.cancel()
    }

    /// Stops accepting and closes every connection.
    public func stop() {
        rest()
        for connection in Array(connections.values) { connection.close() }
        if let turnEnd { EventLoop.shared.cancel(turnEnd) }
        turnEnd = nil
    }

    // MARK: Accepting

    private func accept() {
        for _ in 0..<Self.acceptsPerTurn {
            guard let descriptor = AcceptedSocket.next(from: listener) else {
                if AcceptedSocket.isExhausted(errno) { restAccepting() }
                return
            }
            admit(descriptor)
        }
    }

    private func admit(_ descriptor: Int32) {
        do {
            guard connections.count < limits.connections else { return refuse(descriptor) }
            let peer = try PeerIdentity(of: descriptor)
            lastClient += 1
            let connection = Connection(
                server: self, client: ClientID(lastClient), descriptor: descriptor, peer: peer)
            try connection.start()
            connections[connection.client] = connection
            isRefusing = false
            logger.debug(
                "client connected",
                metadata: ["client": "\(lastClient)", "uid": "\(peer.uid)", "gid": "\(peer.gid)", "pid": "\(peer.pid)"])
        } catch {
            logger.warning("client not accepted", metadata: ["error": "\(error)"])
            close(descriptor)
        }
    }

    /// One line says why, as far as the socket takes it at once.
    private func refuse(_ descriptor: Int32) {
        let line = ReplyEncoder.failure(cmd: nil, error: .crowded("\(limits.connections) connections are open"))
        _ = line.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        close(descriptor)
        // Whoever is refused may try again and again.
        logger.log(
            level: isRefusing ? .debug : .warning, "client refused",
            metadata: ["connections": "\(connections.count)"])
        isRefusing = true
    }

    /// Whoever knocks meanwhile waits: in the kernel, and for a descriptor.
    private func restAccepting() {
        logger.warning("accepting rests: the process is out of descriptors")
        stopAccepting()
        acceptTimer.arm(after: Self.acceptRest)
    }

    private func resumeAccepting() {
        do {
            registration = try EventLoop.shared.watch(listener, for: .readable, handler: self)
        } catch {
            logger.error("accepting does not resume", metadata: ["error": "\(error)"])
            acceptTimer.arm(after: Self.acceptRest)
        }
    }

    private func stopAccepting() {
        if let registration { EventLoop.shared.cancel(registration) }
        registration = nil
    }

    // MARK: Connections

    func markDirty(_ connection: Connection) { if connection.markDirty() { dirty.append(connection) } }

    private func flush() -> Bool {
        wakeWaiting()
        guard !dirty.isEmpty else { return false }
        let turn = dirty
        dirty = []
        for connection in turn { connection.flush() }
        return true
    }

    func closed(_ connection: Connection) {
        connections[connection.client] = nil
        if acceptTimer.isArmed { acceptTimer.arm(after: .zero) }
        logger.debug("client gone", metadata: ["client": "\(connection.client.number)"])
    }

    // MARK: What all clients share

    /// A connection keeps so much more, or less, than it did.
    func count(unread: Int, unfinished: Int, unanswered: Int) {
        unreadBytes += unread
        unfinishedBytes += unfinished
        unansweredBytes += unanswered
    }

    /// Whether so many bytes more may wait to be read.
    func hasRoom(for bytes: Int) -> Bool { unreadBytes + bytes < limits.outboxTotal }

    /// Whether the commands that wait for their answers leave room for others.
    var hasRoomForCommands: Bool { unansweredBytes < limits.inboundTotal }

    /// A connection is told when there is room for commands.
    func waitForRoom(_ connection: Connection) { waiting.append(connection) }

    /// Those who have waited take what room there is before those whose answers have made it.
    private func wakeWaiting() {
        guard !waiting.isEmpty, hasRoomForCommands else { return }
        let (woken, others) = (waiting, dirty)
        (waiting, dirty) = ([], [])
        for connection in woken { connection.roomCame() }
        dirty += others
    }

    /// Where all lines that have not ended are too long together, the longest are refused, and their clients live.
    func boundUnfinishedLines() {
        guard unfinishedBytes > limits.inboundTotal else { return }
        for connection in connections.values.sorted(by: { $0.unfinishedBytes > $1.unfinishedBytes }) {
            guard unfinishedBytes > limits.inboundTotal else { return }
            if connection.giveUpLine() {
                logger.warning(
                    "line given up: unfinished lines take too much together",
                    metadata: ["client": "\(connection.client.number)", "uid": "\(connection.peer.uid)"])
            }
        }
    }
}

extension Server: ReadinessHandler {
    /// Somebody knocks.
    public func ready(_ readiness: Readiness) { accept() }
}
