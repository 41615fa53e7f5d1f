import AgentProtocol

/// Decides who may run in one conversation: one live run at a time, and one look at the ledger at a time.
///
/// A run that arrives while another is being looked up waits for that answer, so that two clients cannot both find the
/// conversation free.
struct SessionGate<Ticket> {
    /// What is to be done with a run that asks.
    enum Decision: Equatable {
        /// Look the conversation up for it.
        case check
        /// It has been put in line.
        case wait
        /// The conversation is taken.
        case busy(RunID)
    }

    private var live: RunID?
    /// Whether a run is being looked up.
    private(set) var isChecking = false
    private var waiting: [Ticket] = []

    /// The live run.
    var liveRun: RunID? { live }

    /// Whether nobody needs the gate any more.
    var isIdle: Bool { live == nil && !isChecking && waiting.isEmpty }

    /// A run asks to be let in.
    mutating func runAsked(_ ticket: Ticket) -> Decision {
        if let live { return .busy(live) }
        if isChecking {
            waiting.append(ticket)
            return .wait
        }
        isChecking = true
        return .check
    }

    /// The look-up has ended, with a run let in or not; returns those whose turn it is to ask again.
    mutating func checked(letIn run: RunID?) -> [Ticket] {
        isChecking = false
        live = run
        defer { waiting = [] }
        return waiting
    }

    /// The live run has ended.
    mutating func runEnded() { live = nil }
}
