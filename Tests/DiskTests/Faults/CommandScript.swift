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
        /// When its run has said something, if it was accepted.
        case begin(String)
        /// When the named run has ended too.
        case end(String, run: String)
        /// When a run that nobody streams has ended, as far as can be found out.
        case look(String)
    }

    /// The script. A command that is new gets its step here.
    private static let steps: [Step] = [
        .ask(#"{"cmd":"hello"}"#),
        .stream(#"{"cmd":"run","input":"one","session_id":"s1"}"#),
        .stream(#"{"cmd":"run","input":"two","session_id":"s1"}"#),
        .ask(#"{"cmd":"run","input":"three","session_id":"s2","run_id":"quiet","stream":"none"}"#),
        .look(#"{"cmd":"get","run_id":"quiet"}"#),
        .begin(#"{"cmd":"run","input":"four","session_id":"s3","run_id":"slow","agent":"waiter"}"#),
        .end(#"{"cmd":"stop","run_id":"slow"}"#, run: "slow"),
        .stream(#"{"cmd":"run","input":"five","session_id":"s4","agent":"failer"}"#),
        .stream(#"{"cmd":"run","input":"six","session_id":"s5","agent":"toolsmith","stream":"final"}"#),
        .ask(#"{"cmd":"list","kind":"runs"}"#),
        .ask(#"{"cmd":"list","kind":"sessions"}"#),
        .ask(#"{"cmd":"history","session_id":"s1"}"#),
        .ask(#"{"cmd":"stop","session_id":"s1"}"#),
        .ask(#"{"cmd":"ping"}"#),
    ]

    /// How long a step may take; what takes longer hangs.
    private static let patience = Duration.seconds(20)
    /// After so long a silence a disk that is full has room again.
    private static let fullFor = Duration.milliseconds(250)

    /// Everything that came.
    private(set) var told = ClientLedger()
    /// Runs whose acceptance was told.
    private(set) var accepted: [String] = []
    /// Commands that were answered, well or not.
    private(set) var answers = 0
    /// Of these, the ones that were refused, with the code.
    private(set) var refusals: [String] = []
    /// Whether the house ended before the script did.
    private(set) var isCut = false
    private let client: SocketClient
    private let makeRoom: () -> Void

    /// Plays the script on a socket. `makeRoom` is called when nothing comes for a while.
    init(socket: String, makeRoom: @escaping () -> Void) throws(TestFailure) {
        client = try SocketClient(path: socket)
        self.makeRoom = makeRoom
        for step in Self.steps where !isCut { try play(step) }
        client.close()
    }

    private mutating func play(_ step: Step) throws(TestFailure) {
        switch step {
        case .ask(let command): _ = try ask(command)
        case .stream(let command):
            guard let run = try ask(command)?["run_id"]?.string else { return }
            try wait { $0.told.hasEnded(run) }
        case .begin(let command):
            guard let run = try ask(command)?["run_id"]?.string else { return }
            try wait { $0.told.runs[run, default: [:]].count > 1 }
        case .end(let command, let run):
            guard try ask(command) != nil, accepted.contains(run) else { return }
            try wait { $0.told.hasEnded(run) }
        case .look(let command):
            let deadline = Deadline(in: Self.patience)
            let room = Deadline(in: Self.fullFor)
            while let reply = try ask(command), reply["run"]?.object?["status"]?.string == "running" {
                // Who asks again and again never meets a silence.
                if room.hasPassed { makeRoom() }
                if deadline.hasPassed { throw TestFailure("a run that nobody streams does not end") }
            }
        }
    }

    /// Gives a command and waits for its reply; nil when it is refused, or the house ends.
    private mutating func ask(_ command: String) throws(TestFailure) -> JSONObject? {
        client.send(command)
        answers += 1
        let expected = answers
        try wait { $0.told.replies.count >= expected }
        guard told.replies.count >= expected else {
            answers -= 1
            return nil
        }
        guard let reply = try? JSONReader.read(told.replies[expected - 1]).object else {
            throw TestFailure("\(command) is answered with no object")
        }
        guard reply["ok"]?.bool == true else {
            guard let code = reply["error"]?.object?["code"]?.string else {
                throw TestFailure("\(command) is refused without a code: \(reply)")
            }
            refusals.append(code)
            return nil
        }
        if reply["cmd"]?.string == "run", let run = reply["run_id"]?.string { accepted.append(run) }
        return reply
    }

    /// Takes what comes until a condition holds, or until the house has ended.
    private mutating func wait(until holds: (CommandScript) -> Bool) throws(TestFailure) {
        let deadline = Deadline(in: Self.patience)
        while !isCut, !holds(self) {
            if let line = client.takeLine() {
                told.add(line)
            } else if client.isAtEnd {
                isCut = true
            } else if deadline.hasPassed {
                throw TestFailure("nothing more came; replies \(told.replies.count)")
            } else if !SocketClient.wait(for: [client], until: Deadline(in: Self.fullFor)) {
                makeRoom()
            }
        }
    }
}
