import AgentEngine
import AgentLoop
import AgentProtocol
import AgentTestKit

/// Writes down what a model says, and when.
@LoopActor final class RecordingReceiver {
    /// One call, with the texts unescaped.
    enum Word: Equatable {
        case said(String)
        case thought(String)
        case called(ToolCall)
        case reported(Usage)
        case kept([UInt8])
        case ended(StopReason, String?)
        case failed(ErrorRecord)
    }

    private(set) var words: [Word] = []
    /// The pieces of the answer as they came: escaped.
    private(set) var pieces: [[UInt8]] = []
    /// When each word came, in nanoseconds of the loop's clock, and in which turn.
    private(set) var times: [Int64] = []
    private(set) var turns: [Int] = []
    /// Done with each word.
    var reaction: (Word) -> Void = { _ in }

    /// The whole answer.
    var text: String {
        words.map { if case .said(let text) = $0 { text } else { "" } }.joined()
    }

    var isOver: Bool {
        switch words.last {
        case .ended, .failed: true
        default: false
        }
    }

    private func note(_ word: Word) {
        words.append(word)
        times.append(EventLoop.shared.clock)
        turns.append(TurnCounter.shared.turns)
        reaction(word)
    }
}

extension RecordingReceiver: @LoopActor ModelReceiver {
    func modelSaid(_ escaped: UnsafeRawBufferPointer) {
        pieces.append(Array(escaped))
        note(.said(JSONEscaping.unescape(escaped)))
    }

    func modelThought(_ escaped: UnsafeRawBufferPointer) { note(.thought(JSONEscaping.unescape(escaped))) }

    func modelCalled(_ call: ToolCall) { note(.called(call)) }

    func modelReported(_ usage: Usage) { note(.reported(usage)) }

    func modelEnded(_ reason: StopReason, providerReason: String?) { note(.ended(reason, providerReason)) }

    func modelKept(_ data: [UInt8]) { note(.kept(data)) }

    func modelFailed(_ error: ErrorRecord, retry: RetryAdvice) { note(.failed(error)) }
}
