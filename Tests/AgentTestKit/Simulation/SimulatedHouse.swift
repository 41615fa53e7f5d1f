public import AgentEngine
public import AgentProtocol

/// The house on one thread: an engine over a ledger in memory, a manual clock and a model that the test plays.
///
/// What reaches a client is checked against the ledger as it is told; `Invariants` checks the rest.
public final class SimulatedHouse {
    /// What has been found to break a promise.
    public let violations = Violations()
    /// The clock.
    public let environment = ManualEnvironment()
    /// The ledger.
    public let journal: InMemoryJournal
    /// The model.
    public let provider: SimulatedProvider
    /// The engine; another one after a crash.
    public private(set) var engine: Engine
    /// Every client, those that went away too.
    public private(set) var clients: [SimulatedClient] = []
    /// The fingerprint of all that was told.
    public private(set) var trace = TraceHash()
    /// The mark of a stopped answer.
    public let haltNote: String
    /// How many runs may be live at once.
    public let liveRunLimit: Int
    /// How many runs had ended when the engine began, those that its recovery has ended left out.
    public private(set) var endedBefore: [RunStatus: Int64] = [:]
    /// How many runs went on waiting after a crash.
    public private(set) var restoredRuns = 0
    private let catalog: AgentCatalog

    /// A house with an agent `helper`, which is the default, and an agent `clerk`; both are alike but for what the
    /// closure changes.
    public init(liveRunLimit: Int = Limits.liveRuns, _ configure: (inout Agent) -> Void = { _ in }) {
        self.liveRunLimit = liveRunLimit
        journal = InMemoryJournal(violations: violations)
        let provider = SimulatedProvider(violations: violations)
        self.provider = provider
        let agents = ["helper", "clerk"].map { name in
            var agent = Agent(
                name: AgentName(trusted: name), provider: provider, providerName: "simulated", model: "model-1",
                instructions: "You are the \(name).")
            configure(&agent)
            return agent
        }
        haltNote = agents[0].haltNote
        catalog = AgentCatalog(agents, default: AgentName(trusted: "helper"))
        engine = Engine(
            catalog: catalog, journal: journal, environment: environment, liveRunLimit: liveRunLimit)
    }

    /// A new connection.
    public func connect() -> SimulatedClient {
        let client = SimulatedClient(clients.count + 1, self)
        clients.append(client)
        return client
    }

    /// Ends a turn of the loop: commits until nothing is left, or until the ledger is away.
    public func turn() { while engine.endTurn() {} }

    /// Commits what the journal has held, and holds nothing any longer.
    public func letCommitsGo() {
        journal.isHoldingCommits = false
        journal.release()
        turn()
    }

    /// A run of a new connection, accepted.
    public func start(
        _ input: String = "hello", session: String? = nil, user: String? = nil, stream: StreamMode = .full,
        onBusy: BusyPolicy = .reject
    ) -> SimulatedRun {
        let run = connect().run(input, session: session, user: user, stream: stream, onBusy: onBusy)
        turn()
        return run
    }

    /// A run from its question to its whole answer.
    @discardableResult public func converse(
        _ question: String, _ answer: String, session: String, user: String? = nil
    ) -> SimulatedRun {
        let run = start(question, session: session, user: user)
        let call = provider.lastCall
        call.say(answer)
        call.end()
        turn()
        return run
    }

    /// Ends the process, and begins another that closes what was left open.
    public func crash(_ loss: InMemoryJournal.Loss = .process) {
        for client in clients { client.crash() }
        journal.crash(loss)
        provider.crash()
        environment.crash()
        endedBefore = journal.tables.ends
        let (closed, _) = recover()
        // The process may end again before it has done anything else.
        let rows = journal.rowCount
        let (_, kept) = recover()
        violations.expect(journal.rowCount == rows, "a second recovery finds something to do")
        engine = Engine(
            catalog: catalog, journal: journal, environment: environment, liveRunLimit: liveRunLimit)
        engine.countEnds(in: closed)
        engine.restore(kept)
        restoredRuns += kept.count
        trace.add("crash")
    }

    private func recover() -> (closed: LedgerBatch, kept: [UnfinishedRun]) {
        let batch = LedgerBatch()
        let kept = RunRecovery.recover(
            journal.unfinishedRuns(), agents: Set(catalog.names), haltNote: haltNote, environment: environment,
            into: batch)
        if !batch.hasNoRows { journal.commitNow(batch) }
        return (batch, kept)
    }

    // MARK: What clients are told

    func start(_ run: SimulatedRun, of client: SimulatedClient) {
        run.sink?.observer = { [unowned self, unowned run] in delivered($0, $1, to: run) }
        engine.run(run.command, client: client.id, sink: run.sink) { [unowned self, unowned client] result in
            run.replies.append(result)
            violations.expect(run.replies.count == 1, "a run has \(run.replies.count) replies")
            switch result {
            case .success(let acceptance):
                trace.add("accepted \(acceptance.runID)")
                violations.expect(
                    journal.tables.runs[acceptance.runID] != nil, "\(acceptance.runID) is accepted and not committed")
                if client.isGone, let cursor = acceptance.cursor { engine.leave(cursor) }
            case .failure(let error): trace.add("refused \(error.code.rawValue)")
            }
        }
    }

    func start(_ stop: SimulatedStop, of client: SimulatedClient) {
        engine.stop(stop.command) { [unowned self] result in
            stop.replies.append(result)
            violations.expect(stop.replies.count == 1, "a stop has \(stop.replies.count) replies")
            switch result {
            case .success(let acceptance):
                trace.add("\(acceptance.status) \(acceptance.runID)")
                let run = journal.tables.runs[acceptance.runID]
                let isTrue =
                    acceptance.status == .stopping
                    ? run?.isStopRequested == true
                    : acceptance.status.isTerminal && run?.record.status == acceptance.status
                violations.expect(
                    isTrue || journal.tables.erased.contains(acceptance.runID),
                    "\(acceptance.runID) is said to be \(acceptance.status)")
            case .failure(let error): trace.add("not stopped \(error.code.rawValue)")
            }
        }
    }

    func start(_ stream: SimulatedStream, of client: SimulatedClient) {
        engine.attach(stream.command, client: client.id, sink: stream.sink) { [unowned self, unowned client] result in
            stream.replies.append(result)
            violations.expect(stream.replies.count == 1, "an attach has \(stream.replies.count) replies")
            switch result {
            case .success(let attachment):
                trace.add("attached \(attachment.runID) \(attachment.lastSeq)")
                let last = journal.tables.events[attachment.runID]?.last?.seq ?? 0
                violations.expect(
                    attachment.lastSeq <= last, "\(attachment.runID) is said to have more than the ledger has")
                guard let cursor = attachment.cursor else { return }
                if client.isGone { engine.leave(cursor) } else { engine.resume(cursor) }
            case .failure(let error): trace.add("not attached \(error.code.rawValue)")
            }
        }
    }

    private func delivered(_ event: RecordedEvent, _ payload: UnsafeRawBufferPointer, to run: SimulatedRun) {
        trace.add("\(event.runID) \(event.seq) \(event.ts) \(event.kind.rawValue)")
        trace.add(String(decoding: payload, as: UTF8.self))
        trace.add(event.content ?? "")
        let place = "\(event.kind) \(event.seq) of \(event.runID)"
        violations.expect(run.acceptance?.runID == event.runID, "\(place) comes before the reply, or to another run")
        let before = run.events.dropLast().last
        violations.expect(event.seq > before?.seq ?? 0, "\(place) does not rise")
        violations.expect(before?.kind.isTerminal != true, "\(place) comes after the terminal")
        let row = journal.tables.events[event.runID]?.first { $0.seq == event.seq }
        violations.expect(
            row?.kind == event.kind && row?.payload.elementsEqual(payload) == true, "\(place) is not in the ledger")
    }
}
