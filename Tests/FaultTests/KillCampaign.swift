import AgentProtocol
import AgentTestKit

/// A series of kills in one home: each finds what the last one left, and a new daemon is asked what it remembers.
struct KillCampaign {
    /// Every so many cycles the new daemon is killed while it recovers.
    private static let cyclesPerStruckRecovery = 4

    private let home: DaemonHome
    private let label: String
    /// What has been found so far.
    private(set) var verdict = KillVerdict()
    /// Every run that has ended.
    private var folds: [String: FoldedRun] = [:]
    private var asked: [String: KillTestimony.Asked] = [:]
    /// Runs and conversations that have to be there, and conversations that must never be there again.
    private var runs: Set<String> = []
    private var deleted: Set<String> = []
    /// Conversations of the last cycle, to be gone on with, or deleted.
    private var open: [String] = []

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
            let name = "\(label)-\(cycle)"
            var testimony = try KillTraffic.play(
                daemon, label: name, sessions: campaign.open, until: moment, numbers: &numbers)
            if cycle.isMultiple(of: cyclesPerStruckRecovery) { try campaign.strikeRecovery(numbers: &numbers) }
            daemon = try DaemonProcess(in: campaign.home)
            try KillReunion.play(daemon, &testimony, numbers: &numbers)
            try campaign.judge(testimony, of: name, daemon)
            // What comes after a broken promise tells nothing new.
            guard campaign.verdict.findings.isEmpty else { return campaign.verdict }
        }
        guard try daemon.terminate() == .exited(0) else { throw TestFailure("it did not end well:\n\(daemon.log)") }
        return campaign.verdict
    }

    /// Starts a daemon on what is left and kills it before it is ready, or soon after; once or twice.
    private mutating func strikeRecovery(numbers: inout SeededRandom) throws(TestFailure) {
        for _ in 0..<Int.random(in: 1...2, using: &numbers) {
            let moment = Duration.milliseconds(Int.random(in: 1...90, using: &numbers))
            verdict.struck(wasReady: try DaemonProcess.crash(in: home, after: moment))
        }
    }

    /// Reads what the cycle has left in the ledger, and compares.
    private mutating func judge(
        _ testimony: KillTestimony, of cycle: String, _ daemon: DaemonProcess
    ) throws(TestFailure) {
        let file = try LedgerFile(path: home.database)
        verdict.judge(integrity: try file.integrityCheck(), orphans: try file.strays())
        var latest: [String: FoldedRun] = [:]
        for event in try file.events(ofRunsLike: "r-\(cycle)-*") {
            latest[event.runID, default: FoldedRun(id: event.runID)].add(event)
        }
        let rows = try file.runs()
        let byName = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
        let messages = try file.messages()
        let contents = Dictionary(uniqueKeysWithValues: messages.map { ($0.id, $0.content) })
        asked.merge(testimony.asked) { $1 }
        folds.merge(latest) { $1 }

        let gone = verdict.judge(deletions: testimony.deletions, left: Set(try file.sessions().map(\.id)))
        deleted.formUnion(gone)
        runs.formUnion(testimony.accepted.keys)
        runs = runs.filter { !deleted.contains(asked[$0]?.session ?? "") }
        verdict.judge(expected: runs, Set(rows.map(\.id)))
        let ledger = KillLedger(folds: latest, rows: byName.filter { latest[$0.key] != nil }, gone: gone)
        verdict.judge(testimony, ledger)
        verdict.judge(
            told: testimony.told.filter { !gone.contains(asked[$0["run_id"]?.string ?? ""]?.session ?? "") }, contents)
        verdict.judge(ledger, Dictionary(grouping: messages, by: \.runID), testimony)
        let touched = Set(rows.filter { latest[$0.id] != nil }.map(\.sessionID))
        verdict.judge(linesOf: touched, ledger, testimony)
        let order = Dictionary(grouping: messages, by: \.sessionID)
        try judgeHistories(of: touched, order, daemon)
        try judgeAbsence(of: gone, daemon)
        open = Array(touched.sorted().prefix(12))
    }

    private mutating func judgeHistories(
        of names: Set<String>, _ messages: [String: [LedgerFile.Message]], _ daemon: DaemonProcess
    ) throws(TestFailure) {
        let client = try daemon.connect()
        let names = names.sorted()
        for name in names { client.send(#"{"cmd":"history","session_id":"\#(name)","limit":200}"#) }
        for name in names {
            var expected: [FoldedRun] = []
            for message in messages[name, default: []] where expected.last?.id != message.runID {
                guard let fold = folds[message.runID] else { continue }
                expected.append(fold)
            }
            verdict.judge(history: try client.frame(), of: name, expected, asked)
        }
    }

    /// What is deleted is not there for anybody.
    private mutating func judgeAbsence(of names: Set<String>, _ daemon: DaemonProcess) throws(TestFailure) {
        let client = try daemon.connect()
        for name in names {
            let reply = try client.ask(#"{"cmd":"history","session_id":"\#(name)"}"#)
            if reply["error"]?.object?["code"]?.string != "session_not_found" {
                verdict.complain("history of \(name), which is deleted, is \(reply)")
            }
        }
    }
}
