import AgentProtocol
import AgentTestKit

/// A series of kills in one home: each finds what the last one left, and a new daemon is asked what it remembers.
struct KillCampaign {
    private let home: DaemonHome
    private let label: String
    /// What has been found so far.
    private(set) var verdict = KillVerdict()
    private var lastEvent: Int64 = 0
    private var lastRun: Int64 = 0
    private var lastMessage: Int64 = 0
    /// Everything that earlier cycles left in each session.
    private var sessions: [String: [FoldedRun]] = [:]
    /// Conversations of the last cycle, to be gone on with.
    private var open: [String] = []
    /// Contents of all messages by name.
    private var contents: [String: String] = [:]
    private var asked: [String: KillTestimony.Asked] = [:]

    private init(label: String) throws(TestFailure) {
        self.label = label
        home = try DaemonHome()
        try KillAgents.install(in: home)
    }

    /// Plays so many kills, and ends with a daemon that is asked to end.
    static func play(kills: Int, label: String, numbers: inout SeededRandom) throws(TestFailure) -> KillVerdict {
        var campaign = try KillCampaign(label: label)
        var daemon = try DaemonProcess(in: campaign.home)
        for cycle in 1...kills {
            let moment = Duration.milliseconds(Int.random(in: 5...250, using: &numbers))
            let testimony = try KillTraffic.play(
                daemon, label: "\(label)-\(cycle)", sessions: campaign.open, until: moment, numbers: &numbers)
            daemon = try DaemonProcess(in: campaign.home)
            try campaign.judge(testimony, daemon)
        }
        guard try daemon.terminate() == .exited(0) else { throw TestFailure("it did not end well:\n\(daemon.log)") }
        return campaign.verdict
    }

    /// Reads what the ledger has got since the last time, and compares.
    private mutating func judge(_ testimony: KillTestimony, _ daemon: DaemonProcess) throws(TestFailure) {
        let ledger = try LedgerFile(path: home.database)
        verdict.judge(integrity: try ledger.integrityCheck())
        var folds: [String: FoldedRun] = [:]
        for event in try ledger.events(after: lastEvent) {
            folds[event.runID, default: FoldedRun(id: event.runID)].add(event)
            lastEvent = max(lastEvent, event.id)
        }
        let rows = try ledger.runs(after: lastRun)
        lastRun = rows.last?.row ?? lastRun
        let messages = try ledger.messages(after: lastMessage)
        lastMessage = messages.map(\.row).max() ?? lastMessage
        let byName = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
        asked.merge(testimony.asked) { $1 }

        for message in messages { contents[message.id] = message.content }

        verdict.judge(testimony, folds, byName)
        verdict.judge(told: testimony.told, contents)
        verdict.judge(folds, byName, Dictionary(grouping: messages, by: \.runID), asked)
        for row in rows { if let fold = folds[row.id] { sessions[row.sessionID, default: []].append(fold) } }
        try judgeHistories(of: Set(rows.map(\.sessionID)), daemon)
        open = Array(Set(rows.map(\.sessionID)).sorted().prefix(12))
    }

    private mutating func judgeHistories(of names: Set<String>, _ daemon: DaemonProcess) throws(TestFailure) {
        let client = try daemon.connect()
        let names = names.sorted()
        for name in names { client.send(#"{"cmd":"history","session_id":"\#(name)","limit":200}"#) }
        for name in names {
            verdict.judge(history: try client.frame(), of: name, sessions[name, default: []])
        }
    }
}
