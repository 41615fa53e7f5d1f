import AgentProtocol
import AgentTestKit

/// Every kind of command, given one after the other to a house that may end at any of them.
struct CommandScript {
    /// How a step is over.
    private enum Step {
        /// When it is answered.
        case ask(String)
        /// When its run has ended, if it was accepted.
        case stream(String)
        /// When the named run has said something, or has ended, if both were accepted.
        case begin(String, run: String)
        /// When the named runs have ended too, if they were accepted.
        case end(String, runs: [String])
        /// When a run that nobody streams has ended, as far as can be found out.
        case look(String)
        /// When it is answered, on a connection of its own, which streams the named run.
        case watch(String, run: String)
        /// When that connection has had the end of the run, and the same as everybody else.
        case compare(run: String)
    }

    /// The script. A command that is new gets its step here.
    private static let steps: [Step] = [
        .ask(#"{"cmd":"hello"}"#),
        .stream(#"{"cmd":"run","input":"one","session_id":"s1"}"#),
        .stream(#"{"cmd":"run","input":"two","session_id":"s1"}"#),
        .ask(#"{"cmd":"run","input":"three","session_id":"s2","run_id":"quiet","stream":"none"}"#),
        .look(#"{"cmd":"get","run_id":"quiet"}"#),
        .watch(#"{"cmd":"attach","run_id":"quiet"}"#, run: "quiet"),
        .compare(run: "quiet"),
        .begin(#"{"cmd":"run","input":"four","session_id":"s3","run_id":"slow","agent":"waiter"}"#, run: "slow"),
        .watch(#"{"cmd":"attach","run_id":"slow","after":1}"#, run: "slow"),
        .end(#"{"cmd":"stop","run_id":"slow"}"#, runs: ["slow"]),
        .compare(run: "slow"),
        .stream(#"{"cmd":"run","input":"five","session_id":"s4","agent":"failer"}"#),
        .stream(#"{"cmd":"run","input":"six","session_id":"s5","agent":"toolsmith","stream":"final"}"#),
        .begin(#"{"cmd":"run","input":"seven","session_id":"s6","run_id":"loose","agent":"waiter"}"#, run: "loose"),
        .ask(#"{"cmd":"detach","run_id":"loose"}"#),
        .ask(#"{"cmd":"stop","run_id":"loose"}"#),
        .look(#"{"cmd":"get","run_id":"loose"}"#),
        // The line: one runs, one waits, one comes in between.
        .begin(line("eight", "first", "reject"), run: "first"),
        .ask(line("nine", "second", "queue")),
        .watch(line("nine", "second", "queue"), run: "second"),
        .end(line("ten", "third", "replace"), runs: ["first"]),
        .begin(#"{"cmd":"ping"}"#, run: "third"),
        .end(#"{"cmd":"stop","session_id":"s7","all":true}"#, runs: ["second", "third"]),
        .compare(run: "second"),
        .ask(#"{"cmd":"update","session_id":"s2","title":"Three","summary":"A number.","metadata":{"n":3}}"#),
        .ask(#"{"cmd":"list","kind":"runs"}"#),
        .ask(#"{"cmd":"list","kind":"sessions"}"#),
        .ask(#"{"cmd":"history","session_id":"s1"}"#),
        .ask(#"{"cmd":"stop","session_id":"s1"}"#),
        .ask(#"{"cmd":"delete","session_id":"s1"}"#),
        .ask(#"{"cmd":"delete","user_id":"u1"}"#),
        .stream(#"{"cmd":"run","input":"eleven","session_id":"s1"}"#),
        .ask(#"{"cmd":"ping"}"#),
    ]

    /// A run of one user in one conversation, which goes on without its client.
    private static func line(_ input: String, _ run: String, _ onBusy: String) -> String {
        """
        {"cmd":"run","input":"\(input)","session_id":"s7","user_id":"u1","run_id":"\(run)","agent":"waiter",\
        "on_busy":"\(onBusy)","on_disconnect":"continue"}
        """
    }

    /// A run that was accepted.
    struct Accepted {
        let sessionID: String
        let userID: String?
        /// Whether the first connection streams it.
        let isStreamed: Bool
        /// What became of it.
        var deletion: Deletion?

        enum Deletion { case asked, acknowledged }
    }

    /// Runs whose acceptance was told, by their names.
    private(set) var accepted: [String: Accepted] = [:]
    /// The codes of commands that were refused.
    private(set) var refusals: [String] = []
    /// The longest time that a command took which was refused for the disk's sake.
    private(set) var slowestRefusal = Duration.zero
    /// What is wrong, in sentences.
    private(set) var findings: [String] = []
    private let socket: String
    private let makeRoom: () -> Void
    private let main: ScriptConnection
    private var watchers: [String: ScriptConnection] = [:]

    /// What the first connection was told.
    var told: ClientLedger { main.told }
    /// Whether the house ended before the script did.
    var isCut: Bool { main.isCut }

    /// Plays the script on a socket. `makeRoom` is called when nothing comes for a while.
    init(socket: String, makeRoom: @escaping () -> Void) throws(TestFailure) {
        self.socket = socket
        self.makeRoom = makeRoom
        main = try ScriptConnection(socket, makeRoom: makeRoom)
        for step in Self.steps where !isCut { try play(step) }
        for connection in [main] + Array(watchers.values) {
            connection.close()
            findings += connection.told.violations
        }
    }

    private mutating func play(_ step: Step) throws(TestFailure) {
        switch step {
        case .ask(let command): _ = try ask(command)
        case .stream(let command):
            guard let run = try ask(command)?["run_id"]?.string else { return }
            try awaitEnd(of: run)
        case .begin(let command, let run):
            guard try ask(command) != nil, accepted[run]?.isStreamed == true else { return }
            try main.wait(for: "the first word of \(run)") {
                $0.told.hasEnded(run) || $0.told.runs[run, default: [:]].values.contains(where: Self.isContent)
            }
        case .end(let command, let runs):
            guard try ask(command) != nil else { return }
            for run in runs where accepted[run]?.isStreamed == true { try awaitEnd(of: run) }
        case .look(let command):
            _ = try main.ask(command) { $0["run"]?.object?["status"]?.string != "running" }
        case .watch(let command, let run):
            // Nothing is left to connect to when the house has just ended.
            guard let connection = try? ScriptConnection(socket, makeRoom: makeRoom) else { return }
            watchers[run] = connection
            note(try connection.ask(command), of: command, isStreamed: false)
        case .compare(let run): try compare(run)
        }
    }

    private static func isContent(_ line: [UInt8]) -> Bool { line.starts(with: #"{"event":"run_content""#.utf8) }

    private func awaitEnd(of run: String) throws(TestFailure) {
        try main.wait(for: "the end of \(run)") { $0.told.hasEnded(run) }
    }

    /// Gives a command and waits for its reply; nil when it is refused, or the house ends.
    private mutating func ask(_ command: String) throws(TestFailure) -> JSONObject? {
        noteDeletion(in: command, .asked)
        let asked = ContinuousClock.now
        let reply = try main.ask(command)
        if reply?["error"]?.object?["code"]?.string == "storage_error" {
            slowestRefusal = max(slowestRefusal, .now - asked)
        }
        note(reply, of: command)
        return reply?["ok"]?.bool == true ? reply : nil
    }

    private mutating func note(_ reply: JSONObject?, of command: String, isStreamed: Bool = true) {
        guard let reply else { return }
        if let code = reply["error"]?.object?["code"]?.string { refusals.append(code) }
        guard reply["ok"]?.bool == true else { return }
        noteDeletion(in: command, .acknowledged)
        if reply["cmd"]?.string == "run", let run = reply["run_id"]?.string,
            let session = reply["session_id"]?.string, accepted[run] == nil
        {
            accepted[run] = Accepted(
                sessionID: session, userID: session == "s7" ? "u1" : nil, isStreamed: isStreamed)
        }
    }

    private mutating func noteDeletion(in command: String, _ deletion: Accepted.Deletion) {
        guard let fields = try? JSONReader.read(Array(command.utf8)).object, fields["cmd"]?.string == "delete" else {
            return
        }
        for (name, run) in accepted {
            let isMeant =
                fields["session_id"]?.string.map { $0 == run.sessionID } ?? (fields["user_id"]?.string == run.userID)
            if isMeant { accepted[name]?.deletion = deletion }
        }
    }

    /// A second stream has had the same as the first, and to the end.
    private mutating func compare(_ run: String) throws(TestFailure) {
        guard let watcher = watchers[run], accepted[run] != nil else { return }
        // A stream may break off for the disk's sake, and says so.
        try watcher.wait(for: "the end of \(run), watched") {
            $0.told.hasEnded(run) || !$0.told.announcements.isEmpty || !Self.isAnswered($0)
        }
        for (seq, line) in watcher.told.runs[run, default: [:]] {
            if let other = main.told.runs[run]?[seq], other != line {
                findings.append("event \(seq) of \(run) is \(text(line)), and was \(text(other))")
            }
        }
        if watcher.told.hasEnded(run) {
            let seqs = watcher.told.runs[run, default: [:]].keys.sorted()
            if let first = seqs.first, seqs != Array(first..<first + Int64(seqs.count)) {
                findings.append("the stream of \(run) has gaps: \(seqs)")
            }
        }
    }

    /// Whether what was asked for was granted.
    private static func isAnswered(_ connection: ScriptConnection) -> Bool {
        connection.told.replies.last.flatMap { try? JSONReader.read($0).object?["ok"]?.bool } == true
    }

    private func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }
}
