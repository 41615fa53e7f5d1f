import AgentConfig
import AgentEngine
import AgentLoop
import AgentProtocol
import AgentStore
import AgentTestKit
import Logging

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
        try Self.recover(ledger, environment)
        for (name, run) in book.testimony.runs where run.terminal == nil && run.closedAt == nil {
            book.testimony.runs[name]?.closedAt = disk.position
        }
        journal = PacedJournal(ledger)
        let agent = Agent(
            name: AgentName(trusted: "helper"), provider: provider, providerName: "simulated", model: "model-1",
            maxAttempts: 1, historyTurns: 2, onDisconnect: .continue)
        engine = Engine(
            catalog: AgentCatalog([agent], default: agent.name), journal: journal, environment: environment)
        ledger.failed = { [unowned self] in failure = $0 }
    }

    nonisolated static func database(in directory: String) -> String { "\(directory)/agentd.db" }

    private static func recover(_ ledger: Ledger, _ environment: ManualEnvironment) throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        _ = try Composition.recover(ledger, .builtIn, environment, logger)
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

    // MARK: What clients do

    /// Asks for a run.
    func run(_ input: String, session: String) {
        let sink = Witness(disk, book)
        engine.run(
            RunCommand(input: input, sessionID: SessionID(trusted: session)), client: Self.client, sink: sink
        ) { [disk, book] result in
            guard case .success(let acceptance) = result else { return }
            note(disk, book, "the reply to a run")
            let name = acceptance.runID.text
            book.testimony.runs[name] = Testimony.Run(
                id: name, sessionID: session, input: input, position: disk.position)
        }
    }

    /// Asks for a stop.
    func stop(_ run: RunID) {
        engine.stop(StopCommand(runID: run)) { [disk, book] result in
            guard case .success(let acceptance) = result, acceptance.status == .stopping else { return }
            note(disk, book, "the reply to a stop")
            book.testimony.runs[acceptance.runID.text]?.stoppedAt = disk.position
        }
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

    func broke(_ reason: String) { book.testimony.findings.append("a stream broke off: \(reason)") }

    func deliver(_ event: borrowing CommittedEvent) {
        let payload = (try? JSONReader.read(event.payload))?.object ?? [:]
        let content = event.content.map(JSONEscaping.unescape) ?? payload["content"]?.string
        let told = Testimony.Event(
            position: disk.position, seq: event.seq, kind: event.kind, messageID: payload["message_id"]?.string,
            content: content)
        note(disk, book, "\(event.kind)")
        book.testimony.runs[event.runID.text]?.add(told)
    }
}

/// After a sync has failed nobody may be told anything.
@LoopActor private func note(_ disk: FaultyDisk, _ book: PowerHouse.Book, _ what: String) {
    if disk.failures > 0 { book.testimony.findings.append("\(what) was told after the disk had failed") }
}
