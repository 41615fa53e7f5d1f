import AgentEngine
import AgentLoop
import AgentProtocol

/// One request under way: plays its steps on the loop's timer.
@LoopActor final class ScriptCall {
    /// What is said in one turn of the loop, so that a script without pauses cannot hold it.
    private static let bytesPerTurn = 64 * 1024

    private var steps: [Script.Step]
    private let request: ModelRequest
    private var receiver: (any ModelReceiver)?
    private var timer: LoopTimer?
    private var place = 0
    private var piece = 0
    /// When the step under way was due: the next is measured from there, so that pacing does not drift.
    private var due: Int64

    init(_ steps: [Script.Step], _ request: ModelRequest, _ receiver: any ModelReceiver) {
        self.steps = steps
        self.request = request
        self.receiver = receiver
        due = EventLoop.shared.now
        let timer = LoopTimer { [unowned self] in play() }
        self.timer = timer
        timer.arm(at: due)
    }

    private func play() {
        var budget = Self.bytesPerTurn
        while let receiver, budget > 0 {
            guard place < steps.count else { return end(.stop, word: "stop") }
            switch steps[place] {
            case .say(let pieces, let every), .think(let pieces, let every):
                guard piece < pieces.count else {
                    next()
                    continue
                }
                pieces[piece].withUnsafeBytes { isThought ? receiver.modelThought($0) : receiver.modelSaid($0) }
                budget -= pieces[piece].count
                piece += 1
                if every > 0 { return wait(milliseconds: every) }
            case .sayRequest(let fact, let pace):
                steps[place] = .say(pace.pieces(of: request.text(of: fact)), everyMilliseconds: pace.everyMilliseconds)
            case .wait(let milliseconds):
                next()
                return wait(milliseconds: milliseconds)
            case .call(let name, let arguments, let id):
                let made = id ?? ToolCallID(trusted: "call_\(request.step)_\(place + 1)")
                next()
                receiver.modelCalled(ToolCall(id: made, name: name, arguments: arguments))
            case .fail(let error):
                finish()
                return receiver.modelFailed(error, retry: error.retryable ? .backoff : .never)
            case .usage(let usage):
                next()
                receiver.modelReported(usage)
            case .end(let reason, let word): return end(reason, word: word)
            }
        }
        if receiver != nil { wait(milliseconds: 0) }
    }

    private var isThought: Bool { if case .think = steps[place] { true } else { false } }

    private func next() {
        place += 1
        piece = 0
    }

    private func wait(milliseconds: Int64) {
        due += milliseconds * 1_000_000
        timer?.arm(at: due)
    }

    private func end(_ reason: StopReason, word: String) {
        let receiver = self.receiver
        finish()
        receiver?.modelEnded(reason, providerReason: word)
    }

    private func finish() {
        timer?.cancel()
        timer = nil
        receiver = nil
    }
}

extension ScriptCall: @LoopActor ModelCall {
    func abort() { finish() }
}

extension ModelRequest {
    /// What the request holds, in words.
    fileprivate func text(of fact: Script.RequestFact) -> String {
        switch fact {
        case .lastUser: messages.last { $0.role == .user }?.content ?? ""
        case .lastAssistant: messages.last { $0.role == .assistant }?.content ?? ""
        case .messageCount: String(messages.count)
        }
    }
}
