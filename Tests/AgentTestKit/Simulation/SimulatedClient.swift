public import AgentEngine
public import AgentProtocol

/// One connection: gives commands and keeps a ledger of what it was told.
public final class SimulatedClient {
    /// The connection.
    public let id: ClientID
    /// The runs it asked for.
    public private(set) var runs: [SimulatedRun] = []
    /// The stops it asked for.
    public private(set) var stops: [SimulatedStop] = []
    /// The runs it attached to.
    public private(set) var streams: [SimulatedStream] = []
    /// Whether it has gone away.
    public private(set) var isGone = false
    private unowned let house: SimulatedHouse

    init(_ number: Int, _ house: SimulatedHouse) {
        id = ClientID(UInt64(number))
        self.house = house
    }

    /// Asks for a run.
    @discardableResult public func run(
        _ input: String = "hello", session: String? = nil, user: String? = nil, agent: String? = nil,
        name: String? = nil, stream: StreamMode = .full, onDisconnect: DisconnectPolicy? = nil,
        onBusy: BusyPolicy = .reject
    ) -> SimulatedRun {
        run(
            RunCommand(
                agent: agent.map(AgentName.init(trusted:)), input: input,
                sessionID: session.map(SessionID.init(trusted:)),
                userID: user.map(UserID.init(trusted:)), runID: name.map(RunID.init(trusted:)), stream: stream,
                onDisconnect: onDisconnect, onBusy: onBusy))
    }

    /// Asks for a run with a command that is made already.
    @discardableResult public func run(_ command: RunCommand) -> SimulatedRun {
        let run = SimulatedRun(command)
        runs.append(run)
        house.start(run, of: self)
        return run
    }

    /// Asks for a stop.
    @discardableResult public func stop(
        run: RunID? = nil, session: SessionID? = nil, user: String? = nil, reason: String? = nil,
        all: Bool = false
    ) -> SimulatedStop {
        let stop = SimulatedStop(
            StopCommand(
                runID: run, sessionID: session, userID: user.map(UserID.init(trusted:)), reason: reason, all: all))
        stops.append(stop)
        house.start(stop, of: self)
        return stop
    }

    /// Attaches to a run; reads as far as it has room once the reply has come.
    @discardableResult public func attach(
        run: RunID? = nil, session: SessionID? = nil, user: String? = nil, after: AttachPosition = .seq(0),
        stream: StreamMode = .full, hasRoom: Bool = true
    ) -> SimulatedStream {
        let made = SimulatedStream(
            AttachCommand(
                runID: run, sessionID: session, userID: user.map(UserID.init(trusted:)), after: after, stream: stream))
        made.sink?.hasRoom = hasRoom
        streams.append(made)
        house.start(made, of: self)
        return made
    }

    /// Has room for a stream again.
    public func read(_ stream: SimulatedStream) {
        stream.sink?.hasRoom = true
        if let cursor = stream.attachment?.cursor { house.engine.resume(cursor) }
    }

    /// Goes away: its streams end, and then the engine hears of it. A stream whose reply has not come has no name yet.
    public func disconnect() {
        guard !isGone else { return }
        isGone = true
        for run in runs {
            run.sink?.isClosed = true
            run.isAbandoned = true
            if run.terminal == nil { run.isCut = true }
            if let cursor = run.acceptance?.cursor { house.engine.leave(cursor) }
        }
        for stream in streams {
            stream.sink?.isClosed = true
            stream.isCut = true
            if let cursor = stream.attachment?.cursor { house.engine.leave(cursor) }
        }
        house.engine.disconnected(id)
    }

    /// The daemon is gone.
    func crash() {
        isGone = true
        for run in runs {
            run.sink?.isClosed = true
            if run.replies.isEmpty || run.terminal == nil { run.isCut = true }
        }
        for stop in stops where stop.replies.isEmpty { stop.isCut = true }
        for stream in streams {
            stream.sink?.isClosed = true
            if !stream.isOver { stream.isCut = true }
        }
    }
}
