import AgentEngine
import AgentProtocol

/// A busy day in the house, decided by a seed: runs, answers, tool calls, stops, clients that go away, a ledger that is
/// slow, and crashes.
public struct RandomTraffic {
    /// The house.
    public let house: SimulatedHouse
    /// How often the process ended.
    public private(set) var crashes = 0
    private var random: SeededRandom
    private var clients: [SimulatedClient]
    private let invariants: Invariants
    private var names = 0

    /// Traffic for a seed.
    public init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let stopped = random.pick(HistoryWindow.StoppedTurns.allCases)
        let turns = random.pick([1, 3, 20])
        let steps = random.pick([1, 3])
        let note = random.pick(["User halted response", "User halted response", ""])
        let limit = random.pick([1, 2, Limits.liveRuns])
        house = SimulatedHouse(liveRunLimit: limit) { agent in
            agent.maxSteps = steps
            agent.timeLimit = .seconds(60)
            agent.stoppedTurns = stopped
            agent.historyTurns = turns
            agent.haltNote = note
        }
        clients = [house.connect(), house.connect()]
        invariants = Invariants(house)
        self.random = random
    }

    /// Does so many things, and then lets everything come to rest.
    public mutating func run(steps: Int) {
        for _ in 0..<steps {
            step()
            invariants.afterStep()
            if !house.violations.found.isEmpty { return }
        }
        finish()
    }

    private mutating func step() {
        switch random.below(100) {
        case ..<12: startRun()
        case ..<14: repeatRun()
        case ..<17: attach()
        case ..<20: readOn()
        case ..<21: changeSession()
        case ..<52: speak()
        case ..<60: stop()
        case ..<64: disconnect()
        case ..<80: house.turn()
        case ..<84: house.journal.isHoldingCommits.toggle()
        case ..<88: house.journal.write()
        case ..<92: house.journal.release()
        case ..<94: house.journal.isHoldingAnswers.toggle()
        case ..<96: house.journal.answerNext()
        case ..<98: house.environment.advance(by: random.chance(20) ? .seconds(61) : .milliseconds(700))
        case ..<99: crash()
        default: house.journal.nextFailure = AgentError(.storageError, "the disk is tired")
        }
    }

    // MARK: What may happen

    private mutating func startRun() {
        let session: String? = random.chance(20) ? nil : random.pick(["s1", "s2", "s3"])
        let owner: String? = session == "s1" ? "u1" : session == "s2" ? "u2" : nil
        random.pick(clients).run(
            random.pick(["hello", "and then?", "é \"quoted\"\n"]), session: session,
            user: random.chance(85) ? owner : random.pick([nil, "u1", "u2"]),
            agent: random.chance(80) ? nil : random.pick(["helper", "clerk", "nobody"]), name: runName(),
            stream: random.pick([.full, .full, .full, .final, .none]),
            onDisconnect: random.pick([nil, nil, .stop, .continue]),
            onBusy: random.pick([.reject, .queue, .queue, .queue, .replace]))
        if random.chance(60) { house.turn() }
    }

    /// Sends a command again, as a client does that has lost its connection: with the name it chose or was told.
    private mutating func repeatRun() {
        let sent = house.clients.flatMap(\.runs).filter { $0.command.runID != nil || $0.acceptance != nil }
        guard !sent.isEmpty else { return startRun() }
        let run = random.pick(sent)
        var command = run.command
        command.runID = command.runID ?? run.acceptance?.runID
        if random.chance(10) { command.input += "?" }
        if random.chance(30) { command.sessionID = run.acceptance?.sessionID }
        random.pick(clients).run(command)
        if random.chance(60) { house.turn() }
    }

    private mutating func runName() -> String? {
        guard random.chance(30) else { return nil }
        names += 1
        return "run-\(random.chance(10) ? random.below(names) + 1 : names)"
    }

    private static let words = [
        "a", " and ", "é", "😀", "\"", "\\", "\n", "\n\n", "\u{2028}", "\u{7f}", "\u{1}", "", "The end.",
    ]

    private mutating func speak() {
        let open = house.provider.openCalls
        guard !open.isEmpty else { return house.turn() }
        let call = random.pick(open)
        switch random.below(100) {
        case ..<45: call.say(random.pick(Self.words))
        case ..<46: if random.chance(25) { call.say(String(repeating: random.pick(Self.words), count: 6000)) }
        case ..<57: call.think(random.pick(Self.words))
        case ..<75:
            call.call(random.pick(["search", "send"]), arguments: random.chance(90) ? ["q": .string("é")] : nil)
        case ..<82: call.report(Usage(inputTokens: Int64(random.below(9)), outputTokens: 1))
        case ..<95: call.end(random.pick([.stop, .length]))
        default: call.fail()
        }
        if random.chance(30) { house.turn() }
    }

    private mutating func stop() {
        let accepted = clients.flatMap(\.runs).filter { $0.replies.isEmpty || $0.acceptance != nil }
        let user: String? = random.chance(70) ? nil : random.pick(["u1", "u2"])
        if random.chance(50), !accepted.isEmpty {
            let run = random.pick(accepted)
            guard let name = run.acceptance?.runID ?? run.command.runID else { return }
            random.pick(clients).stop(run: name, user: user, reason: random.pick([nil, "enough"]))
        } else {
            random.pick(clients).stop(
                session: SessionID(trusted: random.pick(["s1", "s2", "s3", "s4"])), user: user, all: random.chance(30))
        }
    }

    /// Attaches to a run, live or not, from anywhere; now and then without room to read.
    private mutating func attach() {
        let known = house.journal.tables.runOrder.suffix(8)
        guard !known.isEmpty else { return startRun() }
        let run = random.pick(Array(known))
        let last = house.journal.tables.events[run]?.last?.seq ?? 0
        let after: AttachPosition = random.pick([.seq(0), .seq(Int64(random.below(Int(last) + 2))), .tail])
        random.pick(clients).attach(
            run: random.chance(80) ? run : nil,
            session: random.chance(30) ? house.journal.tables.runs[run]?.record.sessionID : nil,
            user: random.chance(80) ? nil : random.pick(["u1", "u2"]), after: after,
            stream: random.pick([.full, .full, .full, .final, .none]), hasRoom: random.chance(60))
        if random.chance(60) { house.turn() }
    }

    /// A client that had no room has some, or has none any more.
    private mutating func readOn() {
        let client = random.pick(clients)
        guard !client.streams.isEmpty else { return }
        let stream = random.pick(client.streams)
        if random.chance(70) { client.read(stream) } else { stream.sink?.hasRoom = false }
    }

    private mutating func changeSession() {
        let session = SessionID(trusted: random.pick(["s1", "s2", "s3"]))
        if random.chance(50) {
            house.engine.update(UpdateCommand(sessionID: session, title: "T\(random.below(9))")) { _ in }
        } else {
            house.engine.delete(DeleteCommand(sessionID: session)) { _ in }
        }
        if random.chance(60) { house.turn() }
    }

    private mutating func disconnect() {
        let place = random.below(clients.count)
        clients[place].disconnect()
        clients[place] = house.connect()
    }

    private mutating func crash() {
        house.crash(random.pick([.process, .power]))
        crashes += 1
        clients = [house.connect(), house.connect()]
    }

    // MARK: The end of the day

    private mutating func finish() {
        house.journal.isHoldingCommits = false
        house.journal.isHoldingAnswers = false
        settle()
        checkAbandoned()
        for client in house.clients where !client.isGone { for stream in client.streams { client.read(stream) } }
        settle()
        if random.chance(20) { restart() }
        // Every run ends when its model does, and then the next in line begins.
        var rounds = 0
        while house.engine.liveRuns + house.engine.queuedRuns > 0, rounds < 1000 {
            rounds += 1
            for call in house.provider.openCalls { call.end() }
            settle()
        }
        for client in house.clients where !client.isGone { for stream in client.streams { client.read(stream) } }
        settle()
        invariants.atRest()
        house.violations.expect(house.journal.unfinishedRuns().isEmpty, "the ledger has runs without an end")
    }

    /// The daemon goes down as it should, and comes back: what waited in line has waited.
    private mutating func restart() {
        house.engine.drain()
        house.engine.endAllRuns()
        settle()
        house.violations.expect(house.engine.isQuiet, "the engine is not quiet")
        let waiting = house.journal.unfinishedRuns()
        house.violations.expect(waiting.allSatisfy { $0.record.status == .queued }, "a live run has no end")
        house.crash()
        for run in waiting where !run.isBound {
            let status = house.journal.tables.runs[run.record.runID]?.record.status
            house.violations.expect(
                status?.isTerminal == false, "\(run.record.runID) waited and did not go on")
        }
        settle()
    }

    private func settle() {
        while house.journal.openQuestions > 0 || house.journal.isCommitting {
            house.journal.answerNext()
            house.journal.release()
            house.turn()
        }
        house.turn()
    }

    /// What was bound to a client that went away has ended, whatever its model does.
    private func checkAbandoned() {
        for run in house.clients.flatMap(\.runs) where run.isAbandoned {
            guard let name = run.acceptance?.runID, let row = house.journal.tables.runs[name] else { continue }
            // Its client was not the one that began it.
            guard run.acceptance?.isExisting != true else { continue }
            // Somebody else streamed it too.
            let isObserved = house.clients.contains { client in
                client.streams.contains { $0.attachment?.runID == name }
            }
            guard !isObserved else { continue }
            let policy = run.command.onDisconnect ?? (run.command.stream == .none ? .continue : .stop)
            house.violations.expect(
                policy == .continue || row.record.status.isTerminal, "\(name) goes on though its client went away")
        }
    }
}
