import AgentProtocol
import AgentSystem
import ArgumentParser
import Glibc

/// A conversation with an agent, question by question, over the socket alone.
final class Chat {
    /// What a chat is about.
    struct Subject {
        /// The agent; nil for the conversation's own, or the daemon's default.
        var agent: String?
        /// The conversation; nil for one that the first question makes.
        var session: String?
        /// The user on whose behalf.
        var user: String?
    }

    /// Whoever talks wants to go.
    struct Leaving: Error {}

    /// The signals that a chat reads.
    static let signals = [SIGINT, SIGTERM, SIGHUP, SIGWINCH]
    /// How long a daemon that has gone is waited for.
    private static let patience = Duration.seconds(30)
    /// How long one that is back may take to say so.
    private static let answerPatience = Duration.seconds(2)
    /// Between two looks whether it is back.
    private static let lookInterval = Duration.milliseconds(200)

    let input: any ChatInput
    var subject: Subject
    /// The sessions that were listed last, for those who name one by its number.
    var listed: [String] = []

    private let path: String
    private let signals: SignalDescriptor
    private var client: SocketClient?
    private var names = NameMaker()
    private var hasFailed = false
    /// Whether the last thing that came was a Ctrl-C at the prompt.
    private var isLeaving = false

    /// A chat with the daemon at a path.
    init(
        path: String, subject: Subject, signals: SignalDescriptor, input: () throws(ClientFailure) -> any ChatInput
    ) throws(ClientFailure) {
        self.path = path
        self.subject = subject
        self.signals = signals
        client = try SocketClient(path: path)
        // Last: a terminal that is taken has to be given back.
        self.input = try input()
    }

    /// Talks until there are no more questions.
    ///
    /// Commands are for somebody at a terminal: in a pipe each line is a question.
    ///
    /// - Returns: for somebody at a terminal success, else whether every question was asked and answered to its end.
    func run() throws -> ExitCode {
        defer { input.close() }
        do {
            try greet()
            while let line = try nextLine() {
                if input.isInteractive, line.hasPrefix("/") { try obey(line) } else { try ask(line) }
                if input.isInteractive { Terminal.output.write("\n") }
            }
        } catch is Leaving {
            // In a pipe only a signal leaves, and what was still to be asked is not.
            hasFailed = true
        }
        input.withdraw()
        if input.isInteractive, let session = subject.session {
            note("to go on: agentd chat --session \(session)")
        }
        return hasFailed && !input.isInteractive ? ExitStatus.failed : .success
    }

    private func greet() throws {
        guard input.isInteractive else { return }
        note("ask, or type /help; Ctrl-C stops an answer, Ctrl-D leaves")
        if subject.session != nil { try open() }
    }

    /// A remark for whoever reads along.
    func note(_ text: String) { Terminal.errors.note(text) }

    // MARK: Questions

    /// The next line; nil when there are no more.
    private func nextLine() throws -> String? {
        while true {
            if let event = input.next() {
                switch event {
                case .line(let line):
                    isLeaving = false
                    return line
                case .interrupt: try interruptAtPrompt()
                case .end: return nil
                }
                continue
            }
            input.invite()
            try waitForInput()
        }
    }

    /// Reads input, or notices what else happens while there is none.
    private func waitForInput() throws {
        guard let client else {
            switch try Readable.wait([signals.fileDescriptor, STDIN_FILENO], until: .now + Self.lookInterval) {
            case 0: try take(signals.next())
            case 1: try input.fill()
            default: if isBack() { withdrawn { note("the daemon is back") } }
            }
            return
        }
        switch try client.next(signals: signals, or: STDIN_FILENO) {
        case .other: try input.fill()
        case .signal(let number): try take(number)
        case .end:
            self.client = nil
            withdrawn { note("the daemon has gone; this goes on when it is back") }
        case .frame(let frame):
            if frame.event == "server_draining" { withdrawn { note("the daemon is going down") } }
        case .deadline: break
        }
    }

    private func take(_ signal: Int32?) throws {
        switch signal {
        case SIGINT: try interruptAtPrompt()
        // The prompt is drawn anew.
        case SIGWINCH, nil: break
        default: throw Leaving()
        }
    }

    /// The first Ctrl-C at an empty prompt may be one that came too late for its answer.
    private func interruptAtPrompt() throws {
        guard !isLeaving, input.isInteractive else { throw Leaving() }
        isLeaving = true
        withdrawn { note("once more, or Ctrl-D, to leave") }
    }

    private func withdrawn(_ body: () -> Void) {
        input.withdraw()
        body()
    }

    // MARK: Answers

    /// Asks a question and shows the answer to its end.
    func ask(_ question: String) throws {
        var command = JSONObject(
            command: "run",
            [
                "input": .string(question), "session_id": subject.session.map(JSONValue.string),
                "agent": subject.agent.map(JSONValue.string), "user_id": subject.user.map(JSONValue.string),
            ])
        // With a name of our own it can be sent again when nobody knows whether it has arrived.
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let moment = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        command.append("run_id", .string("chat_" + names.next(at: moment)))
        do {
            var conversation = try RunConversation(command, client: connected())
            defer { subject.session = conversation.sessionID ?? subject.session }
            let code = try follow(&conversation)
            if code != .success { hasFailed = true }
        } catch let failure as ClientFailure {
            hasFailed = true
            guard input.isInteractive || failure.status == ExitStatus.data else { throw failure }
            note(failure.message)
        }
    }

    private func follow(_ conversation: inout RunConversation) throws -> ExitCode {
        // It may have come in one breath with the question.
        if input.takeInterrupt() { try interrupt(&conversation) }
        while true {
            switch try connected().next(signals: signals, or: input.descriptorDuringAnswers) {
            case .frame(let frame):
                if let code = try conversation.take(frame) { return code }
            case .other:
                try input.fill()
                if input.takeInterrupt() { try interrupt(&conversation) }
            case .signal(SIGWINCH): break
            case .signal(SIGINT): try interrupt(&conversation)
            case .signal: throw Leaving()
            case .end:
                client = nil
                conversation.note("the daemon has gone")
                try conversation.resume(on: connected())
            case .deadline: break
            }
        }
    }

    /// The first one stops the answer, the second one does not wait for it.
    private func interrupt(_ conversation: inout RunConversation) throws {
        if conversation.wantsStop { throw Leaving() }
        try conversation.stop()
    }

    /// A connection; where there is none, the daemon is waited for.
    func connected() throws -> SocketClient {
        if let client { return client }
        let deadline = ContinuousClock.now + Self.patience
        var isTold = false
        while !isBack() {
            if !isTold {
                note(input.isInteractive ? "waiting for the daemon; Ctrl-C gives up" : "waiting for the daemon")
            }
            isTold = true
            guard ContinuousClock.now < deadline else {
                // Says why, unless a manager that holds the socket takes connections for a daemon that does not come.
                _ = try SocketClient(path: path)
                throw ClientFailure("no daemon answers at \(path)", ExitStatus.unreachable)
            }
            let look = ContinuousClock.now + Self.lookInterval
            switch try Readable.wait([signals.fileDescriptor, input.descriptorDuringAnswers], until: look) {
            case 0:
                switch signals.next() {
                case SIGWINCH, nil: break
                case SIGINT: throw givenUp
                default: throw Leaving()
                }
            case 1:
                try input.fill()
                if input.takeInterrupt() { throw givenUp }
            default: break
            }
        }
        note("the daemon is back")
        return try connected()
    }

    /// What ends the wait for a daemon: somebody at a terminal may still want to ask later, a pipe is over.
    private var givenUp: any Error {
        input.isInteractive ? ClientFailure("given up: there is no daemon", ExitStatus.unreachable) : Leaving()
    }

    /// Tries once whether a daemon answers. A connection alone says nothing: a process that ends takes some to the last.
    private func isBack() -> Bool {
        do throws(ClientFailure) {
            let client = try SocketClient(path: path)
            _ = try client.ask(JSONObject(command: "ping"), until: .now + Self.answerPatience)
            self.client = client
            return true
        } catch {
            return false
        }
    }
}
