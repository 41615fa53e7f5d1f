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
        var facts = AdmissionFacts()
        if let run = query.runID { facts.known = try RunTable.findKnown(run, on: connection) }
        guard let session = query.sessionID else { return facts }
        facts.session = try SessionTable.find(session, on: connection)
        guard facts.session != nil else { return facts }
        facts.lastTurn = try MessageTable.lastTurn(in: session, on: connection)
        facts.messages = try MessageTable.lastTurns(query.turns, of: session, on: connection)
        return facts
    }

    func turn(_ query: TurnQuery) throws(StoreError) -> Result<TurnFacts, AgentError> {
        // A run may end while it is asked for, and its conversation be deleted.
        guard let question = try MessageTable.find(query.question, on: connection) else {
            return .failure(Self.noSession(query.sessionID))
        }
        let messages = try MessageTable.lastTurns(
            query.turns, of: query.sessionID, before: query.before, excluding: query.excluding, on: connection)
        return .success(TurnFacts(question: question, messages: messages))
    }

    func session(_ name: SessionID) throws(StoreError) -> SessionContents? {
        guard let record = try SessionTable.find(name, on: connection) else { return nil }
        func count(_ table: String) throws(StoreError) -> Int64 {
            let statement = try connection.statement("SELECT count(*) FROM \(table) WHERE session_id = ?")
            statement.bind(1, name.text)
            return try statement.first { $0.integer(0) ?? 0 } ?? 0
        }
        return SessionContents(
            record: record, runs: try count("ai_agent_runs"), messages: try count("ai_agent_messages"))
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
