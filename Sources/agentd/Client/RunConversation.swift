import AgentProtocol
import AgentSystem
import ArgumentParser

/// One run from its command to its terminal event, over one connection.
///
/// The connection stays whole, so when this process dies the daemon stops the run.
struct RunConversation {
    private let client: SocketClient
    private let signals: SignalDescriptor
    private let asJSON: Bool
    private var printer = RunPrinter()
    private var runID: String?
    private var wantsStop = false

    /// A conversation that shows frames as they are (`asJSON`) or to a person.
    init(client: SocketClient, signals: SignalDescriptor, asJSON: Bool) {
        self.client = client
        self.signals = signals
        self.asJSON = asJSON
    }

    /// Sends the command and shows what comes until the run has ended.
    ///
    /// The first interrupt stops the run and waits for its end, the second one leaves at once.
    ///
    /// - Returns: the exit code.
    /// - Throws: `ClientFailure` when the command is refused or the connection fails.
    mutating func play(_ command: JSONObject) throws(ClientFailure) -> ExitCode {
        try client.send(command)
        while true {
            switch try client.next(signals: signals) {
            case .frame(let frame):
                if let code = try take(frame) { return code }
            case .signal:
                if wantsStop { return ExitStatus.failed }
                wantsStop = true
                try stop()
            case .end:
                throw ClientFailure("the daemon closed the connection before the run had ended", ExitStatus.tryAgain)
            case .deadline: break
            }
        }
    }

    /// Takes one frame; returns the exit code once there is nothing more to wait for.
    private mutating func take(_ frame: ClientFrame) throws(ClientFailure) -> ExitCode? {
        if asJSON { Terminal.output.write(frame.line + [UInt8(ascii: "\n")]) }
        if let ok = frame.ok {
            try take(reply: frame, ok: ok)
            return nil
        }
        guard frame.string("run_id") == runID else { return nil }
        if !asJSON { printer.show(frame) }
        switch frame.kind {
        case .runCompleted: return .success
        case .runCancelled, .runError: return ExitStatus.failed
        case .runPaused: return ExitStatus.tryAgain
        default: break
        }
        if frame.event == "stream_detached" {
            throw ClientFailure("the daemon ended the stream because it was not read", ExitStatus.tryAgain)
        }
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
        guard reply.string("cmd") == "run" else { return }
        runID = reply.string("run_id")
        if wantsStop { try stop() }
    }

    /// Asks for the stop once it is known of which run.
    private func stop() throws(ClientFailure) {
        guard let runID else { return }
        try client.send(["cmd": .string("stop"), "run_id": .string(runID)])
    }
}
