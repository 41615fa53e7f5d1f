import AgentProtocol
import AgentTestKit

/// What the clients of one cycle were told, before the kill and after it: accepted runs, stops, deletions, and every
/// frame.
struct KillTestimony {
    /// A run that a client asked for.
    struct Asked {
        let input: String
        let session: String
        /// The command without what says how the answer is delivered.
        let members: String
        /// Whether it goes ahead of those that wait.
        let isInFront: Bool
        /// Whether it ends with its connection.
        let isBound: Bool
    }

    /// A line that the kill cut off.
    struct Torn {
        let bytes: [UInt8]
        let echo: String
    }

    /// What was read.
    private(set) var streams: [ClientLedger.Stream] = []
    /// Those of them that came after the restart, and were read to their ends.
    private(set) var readings: [ClientLedger.Stream] = []
    private(set) var tornLines: [Torn] = []
    /// Commands by the name that they gave their run.
    var asked: [String: Asked] = [:]
    /// Their names, in the order in which they were sent.
    var order: [String] = []
    /// Accepted runs, and the session that each was said to be in.
    private(set) var accepted: [String: String] = [:]
    /// Runs whose client hung up: where somebody else read them, they go on without it.
    var released: Set<String> = []
    /// Commands that were sent again, and found their run.
    private(set) var resent = 0
    /// Acknowledged stops: run, and the status that the reply named.
    private(set) var stops: [(run: String, status: String)] = []
    /// Conversations that a stop was sent for: all of one, or a run of it.
    var stoppedSessions: Set<String> = []
    /// Conversations that were to be deleted, and whether that was acknowledged.
    var deletions: [String: Bool] = [:]
    /// Runs of which an `attach` was told that there are none.
    private(set) var unknown: Set<String> = []
    /// Messages that `history` told while their runs were live.
    private(set) var told: [JSONObject] = []
    /// What no client may be told.
    private(set) var violations: [String] = []
    /// When the daemon was dead, in epoch milliseconds.
    var death: Int64 = .max
    /// Whether the replies come from the daemon after the restart.
    var isAfterRestart = false

    /// Takes a reply.
    mutating func take(_ reply: JSONObject, to command: KillCommand) {
        let isOK = reply["ok"]?.bool == true
        let code = reply["error"]?.object?["code"]?.string ?? ""
        switch command.kind {
        case .run:
            guard isOK, let run = reply["run_id"]?.string else {
                // After the restart, the line may have the conversation that it is asked for.
                if isAfterRestart && code == "session_busy" || code == "queue_full" { return }
                return refuse(reply, command)
            }
            let isKnown = reply["existing"]?.bool == true
            if isKnown { resent += 1 }
            if accepted[run] != nil, !isKnown { violations.append("\(run) was accepted twice") }
            accepted[run] = reply["session_id"]?.string ?? ""
        case .stop:
            guard isOK, let run = reply["run_id"]?.string else { return refuse(reply, command) }
            let all = reply["run_ids"]?.array?.compactMap(\.string) ?? []
            if !all.contains(run) { stops.append((run, reply["status"]?.string ?? "")) }
            stops += all.map { ($0, "stopping") }
        case .attach:
            guard let run = command.run, !isOK else { return }
            guard code == "run_not_found" else { return refuse(reply, command) }
            unknown.insert(run)
        case .delete:
            guard isOK, reply["sessions"]?.int64 == 1, let session = command.session else {
                return refuse(reply, command)
            }
            deletions[session] = true
        case .history:
            told += reply["messages"]?.array?.compactMap(\.object) ?? []
            if !isOK { refuse(reply, command) }
        }
    }

    /// Adds what no client may see.
    mutating func complain(_ what: String) { violations.append(what) }

    private mutating func refuse(_ reply: JSONObject, _ command: KillCommand) {
        // What is being deleted may be gone already.
        let session = command.session ?? command.run.flatMap { asked[$0]?.session }
        if let session, deletions[session] != nil, command.name == "history" || command.name == "stop" { return }
        violations.append("\(command.line) is answered with \(reply)")
    }

    /// Takes what a connection was told, which has ended.
    mutating func take(_ lane: KillLane) {
        violations += lane.violations + lane.ledger.violations
        streams += lane.ledger.streams
        if isAfterRestart { readings += lane.ledger.streams }
        let torn = lane.client.tornLine
        if !torn.isEmpty {
            let run = ClientLedger.text(of: "run_id", in: torn)
            tornLines.append(Torn(bytes: torn, echo: run.flatMap { lane.ledger.stream(of: $0)?.echo } ?? ""))
        }
    }
}
