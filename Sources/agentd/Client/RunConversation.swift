import AgentProtocol
import AgentSystem
import ArgumentParser

/// One run from its command, `run` or `attach`, to its terminal event.
///
/// The connection stays whole, so when this process dies the daemon stops a run that this process has started.
struct RunConversation {
    private var client: SocketClient
    private let command: JSONObject
    private let asJSON: Bool
    private var printer: RunPrinter
    private var runID: String?
    private var status: RunStatus?
    private var lastSeq: Int64 = 0
    private var canSend = true
    /// Whether a stop has been asked for.
    private(set) var wantsStop = false

    /// Sends the command; frames are shown as they are (`asJSON`), or to a person.
    init(
        _ command: JSONObject, client: SocketClient, asJSON: Bool = false, printer: RunPrinter = RunPrinter()
    ) throws(ClientFailure) {
        self.command = command
        self.client = client
        self.asJSON = asJSON
        self.printer = printer
        try client.send(command)
    }

    /// The session that the run is in, once the daemon has said it.
    private(set) var sessionID: String?

    /// Goes on over a new connection where the last one broke off: the command is sent again if it was not answered,
    /// which is safe if it names the run, and else the run is attached to after its last event.
    mutating func resume(on client: SocketClient) throws(ClientFailure) {
        self.client = client
        guard let runID else { return try client.send(command) }
        let after = JSONValue.number(JSONNumber(lastSeq))
        try client.send(JSONObject(command: "attach", ["run_id": .string(runID), "after": after]))
        if wantsStop { try sendStop() }
    }

    /// Shows what comes until the run has ended.
    ///
    /// With signals the first one stops the run and its end is waited for, the second one leaves at once. Without them
    /// nothing more is going to be said, and the daemon may close when there is nothing more to hear.
    ///
    /// - Returns: the exit code.
    /// - Throws: `ClientFailure` when the command is refused or the connection fails.
    mutating func play(signals: SignalDescriptor? = nil) throws(ClientFailure) -> ExitCode {
        if signals == nil {
            client.finishSending()
            canSend = false
        }
        while true {
            switch try client.next(signals: signals) {
            case .frame(let frame):
                if let code = try take(frame) { return code }
            case .signal:
                if wantsStop { return ExitStatus.failed }
                try stop()
            case .end:
                if let code = status?.exitCode {
                    if !asJSON { printer.note("nothing more comes: the run is over") }
                    return code
                }
                throw ClientFailure("the daemon closed the connection before the run had ended", ExitStatus.tryAgain)
            case .deadline, .other: break
            }
        }
    }

    /// Asks for the stop of the run, now or as soon as it is known which one it is.
    mutating func stop() throws(ClientFailure) {
        wantsStop = true
        try sendStop()
    }

    private func sendStop() throws(ClientFailure) {
        guard let runID else { return }
        try client.send(JSONObject(command: "stop", ["run_id": .string(runID)]))
    }

    /// Ends the line that is open, so that a remark can follow.
    mutating func note(_ text: String) { printer.note(text) }

    /// Takes one frame; returns the exit code once there is nothing more to wait for.
    mutating func take(_ frame: ClientFrame) throws(ClientFailure) -> ExitCode? {
        if asJSON { Terminal.output.write(json: frame.line + [UInt8(ascii: "\n")]) }
        if let ok = frame.ok {
            try take(reply: frame, ok: ok)
            return nil
        }
        guard frame.string("run_id") == runID else { return nil }
        lastSeq = frame["seq"]?.int64 ?? lastSeq
        if !asJSON { printer.show(frame) }
        switch frame.kind {
        case .runCompleted: return .success
        case .runCancelled, .runError: return ExitStatus.failed
        case .runPaused: return ExitStatus.tryAgain
        default: break
        }
        if frame.event == "stream_detached" { try goOn(after: frame) }
        return nil
    }

    private mutating func take(reply: ClientFrame, ok: Bool) throws(ClientFailure) {
        if !asJSON {
            for warning in reply["warnings"]?.array ?? [] { printer.note(warning.string ?? "") }
        }
        guard ok else {
            // The run may have ended by itself before our stop arrived; then its terminal event is on the way.
            if reply.string("cmd") == "stop" { return }
            throw reply.refusal
        }
        guard ["run", "attach"].contains(reply.string("cmd")) else { return }
        status = reply.string("status").flatMap(RunStatus.init(rawValue:))
        sessionID = reply.string("session_id")
        let isNews = runID == nil
        runID = reply.string("run_id")
        if isNews, wantsStop { try sendStop() }
    }

    /// Reads on where a stream was ended because nobody read it: this process was stopped for a while, or its reader was.
    private mutating func goOn(after frame: ClientFrame) throws(ClientFailure) {
        guard frame.string("reason") == "slow_reader", canSend else { throw detached(frame) }
        try resume(on: client)
    }

    private func detached(_ frame: ClientFrame) -> ClientFailure {
        switch frame.string("reason") {
        case "deleted": ClientFailure("the session was deleted, and the run with it", ExitStatus.data)
        case "storage_error": ClientFailure("the daemon could not read its ledger", ExitStatus.inputOutput)
        default:
            ClientFailure(
                "the daemon ended the stream because it was not read; go on with: agentd attach \(runID ?? "RUN")"
                    + " --after \(frame["after"]?.int64 ?? lastSeq)", ExitStatus.tryAgain)
        }
    }
}

extension RunStatus {
    /// What it means for a script that a run has ended so; nil where it has not.
    fileprivate var exitCode: ExitCode? {
        switch self {
        case .completed: .success
        case .interrupted, .error: ExitStatus.failed
        case .queued, .running, .stopping, .paused: nil
        }
    }
}
