import AgentConfig
import AgentEngine
import AgentLoop
import AgentProtocol
import AgentTestKit
import Logging

@testable import AgentStore
@testable import agentd

/// The real engine over the real ledger, opened as the daemon opens it, with a model and clients that the test plays.
/// What clients are told is kept with its place in the recording of the disk.
@LoopActor final class PowerHouse {
    let provider = SimulatedProvider()
    let engine: Engine
    /// What the ledger said when it could no longer be written.
    private(set) var failure: StoreError?
    private let ledger: Ledger
    private let journal: PacedJournal
    private let disk: FaultyDisk
    private let environment: ManualEnvironment
    private let book: Book
    private static let client = ClientID(1)
    /// Few, so that runs wait for a place too.
    static let liveRuns = 6

    /// Where the testimony is kept: it outlives the house.
    @LoopActor final class Book {
        var testimony = Testimony()
    }

    /// Opens the ledger in a directory, and closes what was left open.
    init(in directory: String, on disk: FaultyDisk, _ environment: ManualEnvironment, _ book: Book) throws {
        self.disk = disk
        self.environment = environment
        self.book = book
        ledger = try Ledger(path: Self.database(in: directory))
        let open = try ledger.unfinishedRuns().map(\.record.runID)
        let kept = try Self.recover(ledger, environment)
        for run in Set(open).subtracting(kept.map(\.record.runID)) {
            book.testimony.runs[run.text]?.closedAt = disk.position
        }
        journal = PacedJournal(ledger)
        // The agent that is there without a configuration, by its name: recovery knows no other.
        let agent = Agent(
            name: Configuration.builtIn.defaultAgent, provider: provider, providerName: "simulated", model: "model-1",
            maxAttempts: 1, historyTurns: 2, onDisconnect: .continue)
        engine = Engine(
            catalog: AgentCatalog([agent], default: agent.name), journal: journal, environment: environment,
            liveRunLimit: Self.liveRuns)
        ledger.failed = { [unowned self] in failure = $0 }
        engine.restore(kept)
        for run in open { attach(run) }
    }

    nonisolated static func database(in directory: String) -> String { "\(directory)/agentd.db" }

    /// Closes what was left open, as the daemon does at its start; returns what waits.
    @discardableResult
    static func recover(_ ledger: Ledger, _ environment: ManualEnvironment) throws -> [UnfinishedRun] {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try Composition.recover(ledger, .builtIn, environment, { _ in }, logger)
    }

    /// Starts and ends the daemon's cellar in a directory: what a restart after a power cut does before anybody can ask.
    static func restart(in directory: String) throws {
        let ledger = try Ledger(path: database(in: directory))
        try recover(ledger, ManualEnvironment(names: 1_000_000))
        try ledger.close()
    }

    /// Ends the house, with live runs or without.
    func close() throws {
        // What the ledger's threads have left for the loop still finds us.
        defer { EventLoop.post { [self] in withExtendedLifetime(self) {} } }
        try ledger.close()
    }

    // MARK: Turns

    /// Commits all there is, and waits until it is told.
    func settle() async {
        repeat {
            while engine.endTurn() {}
            journal.answer()
            while engine.endTurn() {}
            await Task.yield()
        } while journal.isBusy && failure == nil
    }

    /// Whether everything that may be swept is, and the file has given back what it does not need.
    var isSwept: Bool { !ledger.isAway && ledger.sweptDeltas == ledger.closedDeltas }

    // MARK: What clients do

    /// Asks for a run.
    func run(
        _ input: String, session: String, user: String, onBusy: BusyPolicy = .reject, isBound: Bool = false
    ) {
        let command = RunCommand(
            input: input, sessionID: SessionID(trusted: session), userID: UserID(trusted: user),
            onDisconnect: isBound ? .stop : .continue, onBusy: onBusy)
        engine.run(command, client: Self.client, sink: Witness(disk, book)) { [disk, book] result in
            guard case .success(let acceptance) = result else { return }
            note(disk, book, "the reply to a run")
            let name = acceptance.runID.text
            book.testimony.runs[name] = Testimony.Run(
                id: name, sessionID: session, input: input, isBound: isBound, position: disk.position)
        }
    }

    /// Reads on what the last house did not tell.
    private func attach(_ run: RunID) {
        let last = book.testimony.runs[run.text]?.events.last?.seq ?? 0
        engine.attach(
            AttachCommand(runID: run, after: .seq(last)), client: Self.client, sink: Witness(disk, book)
        ) { [engine] result in
            if case .success(let attachment) = result, let cursor = attachment.cursor { engine.resume(cursor) }
        }
    }

    /// Asks for a stop.
    func stop(_ run: RunID) { stop(StopCommand(runID: run)) }

    /// Asks for a stop of all that a session has.
    func stopAll(of session: String) { stop(StopCommand(sessionID: SessionID(trusted: session), all: true)) }

    private func stop(_ command: StopCommand) {
        engine.stop(command) { [disk, book] result in
            guard case .success(let acceptance) = result, acceptance.status == .stopping else { return }
            note(disk, book, "the reply to a stop")
            for run in acceptance.runIDs ?? [acceptance.runID] {
                book.testimony.runs[run.text]?.stoppedAt = disk.position
            }
        }
    }

    /// Gives a session's title and summary the next number.
    func update(_ session: String) {
        guard let run = book.testimony.runs(where: { $0 == session }).min() else { return }
        let index = book.testimony.updates.count
        book.testimony.updates.append(Testimony.Update(number: index + 1, sessionID: session, run: run))
        let command = UpdateCommand(
            sessionID: SessionID(trusted: session), title: "title \(index + 1)", summary: "summary \(index + 1)")
        engine.update(command) { [disk, book] result in
            guard case .success = result else { return }
            note(disk, book, "the reply to an update")
            book.testimony.updates[index].acknowledgedAt = disk.position
        }
    }

    /// Deletes a session, or all that a user has: `isMeant` says of a session whether it is one of these.
    func delete(_ command: DeleteCommand, _ isMeant: (String) -> Bool) {
        let index = book.testimony.deletions.count
        let runs = book.testimony.runs(where: isMeant)
        book.testimony.deletions.append(Testimony.Deletion(runs: runs, askedAt: disk.position))
        var isUntouched = true
        engine.delete(command) { [disk, book] result in
            switch result {
            case .success:
                note(disk, book, "the reply to a delete")
                book.testimony.deletions[index].acknowledgedAt = disk.position
            case .failure where isUntouched || command.sessionID != nil: book.testimony.deletions[index].runs = []
            case .failure: book.testimony.deletions[index].isPartial = true
            }
        }
        isUntouched = false
    }
}

/// A stream that keeps what it is told, and where.
@LoopActor private final class Witness {
    private let disk: FaultyDisk
    private let book: PowerHouse.Book

    init(_ disk: FaultyDisk, _ book: PowerHouse.Book) {
        self.disk = disk
        self.book = book
    }
}

extension Witness: @LoopActor EventSink {
    var wantsFinalOnly: Bool { false }
    var hasRoom: Bool { true }

    func fellBehind() {}

    func broke(_ reason: String) { book.testimony.findings.append("a stream broke off: \(reason)") }

    func deliver(_ event: borrowing CommittedEvent) {
        let payload = (try? JSONReader.read(event.payload))?.object ?? [:]
        let content = event.content.map(JSONEscaping.unescape) ?? payload["content"]?.string
        let told = Testimony.Event(
            position: disk.position, seq: event.seq, kind: event.kind, payload: Array(event.payload),
            messageID: payload["message_id"]?.string, content: content)
        note(disk, book, "\(event.kind)")
        book.testimony.runs[event.runID.text]?.add(told)
    }
}

/// After a sync has failed nobody may be told anything.
@LoopActor private func note(_ disk: FaultyDisk, _ book: PowerHouse.Book, _ what: String) {
    if disk.failures > 0 { book.testimony.findings.append("\(what) was told after the disk had failed") }
}
