import AgentEngine
import AgentProtocol

/// A conversation in the one shape that every provider takes: questions and answers in turn, beginning with a question,
/// ending with one or with results; no text is empty, and each call stands with its one result.
///
/// What is stored may be of any shape: turns that were stopped, failed or cut off, answers without a word, calls whose
/// answer is missing. Here it is made whole, once for all wire formats, and only in what is sent.
struct Conversation {
    /// A call of the model and what came of it.
    struct Call {
        /// The call's name in our ledger.
        let id: String
        /// Its name in the request: valid for the provider, and of this call alone.
        let wireID: String
        /// The tool's name in the request.
        let wireName: String
        let arguments: JSONObject
        let result: String
        let isError: Bool
    }

    /// One step of the model: text, or calls, or both.
    struct Answer {
        var text: String
        var calls: [Call] = []
        /// What the provider wants back with it.
        var kept: [UInt8]?
    }

    /// One side's turn.
    enum Turn {
        case question(String)
        case answer(Answer)
    }

    /// What stands where the conversation has nothing, so that it keeps its shape.
    private enum Filler {
        static let beginning = "[earlier messages left out]"
        static let goOn = "[continue]"
        static let noResult = "[no output]"
    }

    /// What the model is told to be; nil for nothing.
    private(set) var instructions: String?
    private(set) var turns: [Turn] = []

    /// Shapes the messages of a request for a provider.
    init(_ request: ModelRequest, profile: ProviderProfile) {
        var names = CallNames(limit: profile.callIDLimit, isExact: profile.callIDIsExact)
        if let text = request.instructions, !text.isBlank { instructions = text }
        for message in request.messages {
            switch message.role {
            case .system: addInstructions(message.content)
            case .user: ask(message.content)
            case .assistant: answer(message)
            case .tool: addCall(message, profile, &names)
            }
        }
        dropEmptyAnswer()
        if case .question? = turns.first {} else { turns.insert(.question(Filler.beginning), at: 0) }
        if case .answer(let answer)? = turns.last, answer.calls.isEmpty { turns.append(.question(Filler.goOn)) }
    }

    private mutating func addInstructions(_ text: String) {
        guard !text.isBlank else { return }
        instructions = instructions.map { $0 + "\n\n" + text } ?? text
    }

    private mutating func ask(_ text: String) {
        guard !text.isBlank else { return }
        dropEmptyAnswer()
        if case .question(let before)? = turns.last {
            turns[turns.count - 1] = .question(before + "\n\n" + text)
        } else {
            turns.append(.question(text))
        }
    }

    private mutating func answer(_ message: Message) {
        // What was cut off may be half a thought, and half a thought is refused.
        let isWhole = !message.interrupted && message.error == nil
        var answer = Answer(
            text: message.content.isBlank ? "" : message.content, kept: isWhole ? message.providerData : nil)
        dropEmptyAnswer()
        if case .answer(let before)? = turns.last, before.calls.isEmpty {
            answer.text = answer.text.isEmpty ? before.text : before.text + "\n\n" + answer.text
            answer.kept = nil
            turns.removeLast()
        }
        turns.append(.answer(answer))
    }

    private mutating func addCall(_ message: Message, _ profile: ProviderProfile, _ names: inout CallNames) {
        let id = message.toolCallID?.text ?? "call"
        let call = Call(
            id: id, wireID: names.name(for: id),
            wireName: ToolNames.wireName(message.toolName ?? "", limit: profile.toolNameLimit),
            arguments: message.toolArguments?.object ?? JSONObject(),
            result: message.content.isBlank ? Filler.noResult : message.content, isError: message.error != nil)
        if case .answer(var answer)? = turns.last {
            answer.calls.append(call)
            turns[turns.count - 1] = .answer(answer)
        } else {
            turns.append(.answer(Answer(text: "", calls: [call])))
        }
    }

    /// An answer that turned out to have neither text nor calls is not told.
    private mutating func dropEmptyAnswer() {
        if case .answer(let answer)? = turns.last, answer.text.isEmpty, answer.calls.isEmpty { turns.removeLast() }
    }
}

extension String {
    /// Whether there is nothing but blank space; providers refuse such a text as they refuse an empty one.
    var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
