import AgentProtocol

/// Decides who may run in one conversation: one live run at a time, those that wait behind it in order, and one look at
/// the ledger at a time.
///
/// Whoever arrives while a run is being looked up waits for that answer, so that two clients cannot both find the
/// conversation free, and nobody overtakes.
struct SessionGate<Ticket> {
    /// The run that has the conversation: it is live, or about to begin.
    private(set) var live: RunID?
    /// Runs that wait, in the order in which they are going to begin.
    private(set) var line: [RunID] = []
    /// Whether a run is being looked up.
    private(set) var isChecking = false
    /// The highest turn that is given away, as far as is known here.
    private(set) var lastTurn: Int64 = 0
    /// The turn of the run that began last.
    private var begunTurn: Int64 = 0
    /// Runs that have ended in the line, and whose end is not in the ledger yet.
    private var leaving: [RunID] = []
    private var waiting: [Ticket] = []

    /// Those that have the conversation or wait for it, the first one first.
    var runs: [RunID] { (live.map { [$0] } ?? []) + line + leaving }

    /// Whether a run that arrives finds somebody before it.
    var isTaken: Bool { live != nil || !line.isEmpty || !leaving.isEmpty }

    /// Whether nobody needs the gate any more.
    var isIdle: Bool { !isTaken && !isChecking && waiting.isEmpty }

    /// The run whose turn it is.
    var next: RunID? { live == nil ? line.first : nil }

    // MARK: Decisions

    /// Whether one who arrives may be looked up now; otherwise its ticket waits.
    mutating func check(_ ticket: Ticket) -> Bool {
        guard !isChecking else {
            waiting.append(ticket)
            return false
        }
        isChecking = true
        return true
    }

    /// Lets somebody wait for the decision that is under way; false when none is.
    mutating func wait(_ ticket: Ticket) -> Bool {
        if isChecking { waiting.append(ticket) }
        return isChecking
    }

    /// A decision has been made; returns those whose turn it is to ask, in the order in which they came.
    mutating func decided() -> [Ticket] {
        isChecking = false
        defer { waiting = [] }
        return waiting
    }

    // MARK: Runs

    /// Gives away the next turn; `known` is the last one that the ledger has.
    mutating func giveTurn(after known: Int64) -> Int64 {
        lastTurn = max(lastTurn, known) + 1
        return lastTurn
    }

    /// Tells what the ledger holds of a conversation at the start: the last turn, and the last one that has begun.
    mutating func restore(lastTurn: Int64, begunTurn: Int64) {
        self.lastTurn = lastTurn
        self.begunTurn = begunTurn
    }

    /// A run has the conversation from before.
    mutating func hold(_ run: RunID) { live = run }

    /// A run waits for its turn, behind the others or in front of them.
    mutating func join(_ run: RunID, inFront: Bool) { line.insert(run, at: inFront ? 0 : line.endIndex) }

    /// A run takes the conversation. Returns the turn that it runs under: its own, unless a later one has begun before.
    mutating func take(_ run: RunID, turn: Int64) -> Int64 {
        precondition(live == nil, "a conversation has one live run")
        line.removeAll { $0 == run }
        live = run
        begunTurn = turn > begunTurn ? turn : giveTurn(after: lastTurn)
        return begunTurn
    }

    /// A run ends; returns whether it did so in the line. Its end is on the way to the ledger.
    mutating func leave(_ run: RunID) -> Bool {
        guard let place = line.firstIndex(of: run) else { return false }
        line.remove(at: place)
        leaving.append(run)
        return true
    }

    /// The end of a run is in the ledger.
    mutating func runEnded(_ run: RunID) {
        if live == run { live = nil }
        leaving.removeAll { $0 == run }
    }
}
