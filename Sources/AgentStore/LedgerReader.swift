internal import AgentEngine
internal import AgentProtocol
internal import CSQLite

/// Answers questions from one read-only connection. Each answer comes from one snapshot.
final class LedgerReader {
    let connection: Connection

    /// Virtual machine steps between two looks at the clock, and how long a question may take.
    private static let stepsPerLook: Int32 = 10_000
    private static let deadline = Duration.seconds(10)
    private let deadlines = ReadDeadline()

    init(path: String) throws(StoreError) {
        connection = try Connection(path: path, isReader: true)
        try Pragmas.apply(to: connection, isReader: true)
        sqlite3_progress_handler(
            connection.handle, Self.stepsPerLook,
            { context in Unmanaged<ReadDeadline>.fromOpaque(context!).takeUnretainedValue().hasPassed ? 1 : 0 },
            Unmanaged.passUnretained(deadlines).toOpaque())
    }

    /// Runs a question in one read transaction.
    func snapshot<Value>(
        _ question: (LedgerReader) throws(StoreError) -> Result<Value, AgentError>
    ) -> Result<Value, AgentError> {
        deadlines.start(Self.deadline)
        do throws(StoreError) {
            return try connection.transaction("BEGIN") { () throws(StoreError) in try question(self) }
        } catch {
            return .failure(error.reply)
        }
    }

    // MARK: Questions of the engine

    func admission(_ query: AdmissionQuery) throws(StoreError) -> AdmissionFacts {
        var facts = AdmissionFacts(session: nil, isRunKnown: false, nextPosition: 1, messages: [])
        if let run = query.runID { facts.isRunKnown = try RunTable.find(run, on: connection) != nil }
        guard let session = query.sessionID else { return facts }
        facts.session = try SessionTable.find(session, on: connection)
        guard facts.session != nil else { return facts }
        facts.nextPosition = try MessageTable.nextPosition(in: session, on: connection)
        facts.messages = try MessageTable.lastTurns(query.turns, of: session, on: connection)
        return facts
    }

    func finished(_ query: FinishedQuery) throws(StoreError) -> Result<RunRecord?, AgentError> {
        switch query {
        case .run(let run): return .success(try RunTable.find(run, on: connection))
        case .latest(let session, let user):
            // A session that is missing, or another user's, has never had a run as far as this one may know.
            guard try visibleSession(session, user) != nil else { return .success(nil) }
            return .success(try RunTable.latest(of: session, on: connection))
        }
    }

    func read(_ query: ReadQuery) throws(StoreError) -> Result<[UInt8], AgentError> {
        switch query {
        case .list(let command): try list(command)
        case .history(let command, let live): try history(command, live)
        case .get(let command, let live): try get(command, live)
        }
    }

    // MARK: Shared by the questions

    /// A session of another user, or of none, is like a missing one.
    func visibleSession(_ session: SessionID, _ user: UserID?) throws(StoreError) -> SessionRecord? {
        guard let record = try SessionTable.find(session, on: connection) else { return nil }
        return user == nil || record.userID == user ? record : nil
    }

    static func noSession(_ session: SessionID) -> AgentError {
        AgentError(.sessionNotFound, "there is no session named \(session)")
    }
}

/// When the question under way must have its answer.
private final class ReadDeadline {
    private var end = ContinuousClock.now

    func start(_ duration: Duration) { end = ContinuousClock.now + duration }

    var hasPassed: Bool { ContinuousClock.now > end }
}
