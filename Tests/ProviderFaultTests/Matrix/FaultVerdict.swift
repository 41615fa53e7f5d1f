import AgentProtocol
import AgentTestKit

/// What must hold of every run with a fault in it; sentences for what does not.
struct FaultVerdict {
    let trial: FaultTrial
    let stream: ModelStream
    /// Whether the fault came only once, so that the second attempt is a good one.
    let heals: Bool
    let evidence: FaultEvidence
    private var problems: [String] = []

    static func problems(_ trial: FaultTrial, _ stream: ModelStream, heals: Bool, _ evidence: FaultEvidence)
        -> [String]
    {
        var verdict = FaultVerdict(trial: trial, stream: stream, heals: heals, evidence: evidence)
        verdict.check()
        return verdict.problems
    }

    private init(trial: FaultTrial, stream: ModelStream, heals: Bool, evidence: FaultEvidence) {
        self.trial = trial
        self.stream = stream
        self.heals = heals
        self.evidence = evidence
    }

    private var end: FaultEnd { heals ? .completes : trial.expected }

    private mutating func expect(_ holds: Bool, _ problem: String) {
        if !holds { problems.append(problem) }
    }

    private mutating func check() {
        checkEnd()
        checkAttempts()
        checkText()
        checkCalls()
        checkSecrets()
        if !heals { problems += trial.fault.inspect(evidence) }
    }

    private mutating func checkEnd() {
        let terminals = evidence.events.filter(\.kind.isTerminal)
        expect(terminals.count == 1 && evidence.terminal?.kind.isTerminal == true, "\(terminals.count) terminals")
        guard let terminal = evidence.terminal else { return }
        switch end {
        case .completes:
            expect(terminal.kind == .runCompleted, "ends with \(terminal.kind) \(evidence.code ?? "")")
            let usage = terminal.payload["usage"]?.object
            let steps = evidence.followUps.count + 1
            // An attempt that broke after it had reported usage did cost that.
            let counted = usage?["requests"]?.int64 ?? 0
            expect(
                counted >= steps && counted <= evidence.requests + evidence.followUps.count,
                "counts \(counted) requests for \(steps) answers")
        case .cancelled:
            expect(terminal.kind == .runCancelled && terminal["reason"] == "stop", "ends with \(terminal.kind)")
        case .fails(let code), .failsAgain(let code):
            expect(
                terminal.kind == .runError && evidence.code == code.rawValue,
                "ends with \(terminal.kind) \(evidence.code ?? ""): \(evidence.message ?? "")")
        }
    }

    private mutating func checkAttempts() {
        let attempts = heals ? 2 : trial.expected.attempts
        let announced = trial.fault.stop == .atRetry ? 2 : attempts
        expect(evidence.retries.count == announced - 1, "\(evidence.retries.count) retries are announced")
        if trial.fault.address == nil { expect(evidence.requests == attempts, "asked \(evidence.requests) times") }
        if case .failsAgain(let code) = trial.expected {
            let codes = evidence.retries.compactMap { $0.payload["error"]?.object?["code"]?.string }
            expect(codes.allSatisfy { $0 == code.rawValue }, "made again for \(codes)")
        }
        let heard = evidence.events.firstIndex { $0.kind == .runContent || $0.kind == .toolCallStarted }
        let repeated = evidence.events.lastIndex { $0.kind == .runRetrying }
        if let heard, let repeated { expect(repeated < heard, "made again after something was said") }
    }

    private mutating func checkText() {
        let position = evidence.position
        var wanted: String
        switch end {
        case .completes:
            wanted = trial.fault.said?(position) ?? (position == .midArguments ? "" : Sample.first + Sample.rest)
            if heals { wanted = position == .midArguments ? "" : Sample.first + Sample.rest }
            if !evidence.followUps.isEmpty { wanted += (wanted.isEmpty ? "" : "\n\n") + FaultyProvider.lastWord }
        case .cancelled: wanted = marked(Sample.said(position), "User halted response")
        case .fails(let code), .failsAgain(let code):
            wanted = marked(Sample.said(position), "[error: \(code.rawValue)]")
        }
        let text = evidence.text
        expect(text == wanted, "said \"\(text.suffix(80))\", not \"\(wanted.suffix(80))\"")
        if evidence.terminal?.payload["clipped"] == nil {
            expect(evidence.terminal?.content == wanted, "the terminal says something else")
        }
    }

    private func marked(_ said: String, _ note: String) -> String { said.isEmpty ? note : said + "\n\n" + note }

    private mutating func checkCalls() {
        let begun = evidence.events.filter { $0.kind == .toolCallStarted }
        let ended = evidence.events.filter { $0.kind == .toolCallCompleted }
        expect(begun.map { $0["tool_call_id"] } == ended.map { $0["tool_call_id"] }, "calls without an end")
        expect(begun.allSatisfy { $0["executor"] == "none" }, "a call was acted on")
        guard case .completes = end else { return expect(begun.isEmpty, "a call of a broken answer") }
        let isCut = !heals && trial.fault.calls != nil && evidence.position != .midArguments
        let wanted = isCut ? trial.fault.calls ?? 0 : stream.calls
        expect(begun.count == wanted, "\(begun.count) calls, not \(wanted)")
        let usual = trial.fault.stream == nil && trial.fault.calls == nil && trial.fault.name != "bad arguments"
        guard usual || heals, wanted > 0, let call = evidence.calls.first else { return }
        expect(call.arguments == Sample.arguments.joined(), "the arguments are \(call.arguments ?? "none")")
    }

    private mutating func checkSecrets() {
        let told = evidence.events.map { event in
            var writer = JSONWriter()
            writer.value(.object(event.payload))
            return String(decoding: writer.bytes, as: UTF8.self) + (event.content ?? "")
        }
        expect(!(told + evidence.log).contains { $0.contains(FaultHouse.key) }, "the key is told")
        let shown = evidence.arrivals.allSatisfy { arrival in
            arrival.headers["authorization"] == "Bearer \(FaultHouse.key)"
                || arrival.headers["x-api-key"] == FaultHouse.key
        }
        expect(shown, "a request without its key")
    }
}
