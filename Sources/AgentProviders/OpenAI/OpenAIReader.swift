import AgentEngine
import AgentProtocol

/// Reads a stream of chat completion chunks.
///
/// The reason for the end (`finish_reason`) is what makes an answer whole, not the closing `[DONE]`: servers that cut
/// an answer send that all the same, and others never send it.
struct OpenAIReader: EventReader {
    /// Most bytes of reasoning that are kept for going back; of more, nothing goes back.
    private static let maxKeptBytes = 1024 * 1024

    private let profile: ProviderProfile
    private let step: Int
    private let secrets: [String]
    private var text: AnswerText
    private var shape = ChunkShape()
    private var calls = OpenAIToolCalls()
    private var details = ReasoningDetails()
    private var keptReasoning: [UInt8] = []
    /// The member that reasoning is read from: some servers send the same in two.
    private var reasoningSource: ProviderProfile.ReasoningField?
    private var usage: Usage?
    private var finishReason: String?
    private var isRefused = false

    init(profile: ProviderProfile, step: Int, secrets: [String]) {
        self.profile = profile
        self.step = step
        self.secrets = secrets
        text = AnswerText(readsThinkTags: profile.readsThinkTags)
    }

    var isWhole: Bool { finishReason != nil }

    mutating func take(_ event: SSEEvent, _ output: (StreamOutput) -> Void) -> Bool {
        if event.data.hasSameBytes(as: "[DONE]") {
            end(wasCut: false, output)
            return true
        }
        guard !event.data.isEmpty else { return false }
        if event.name.isEmpty, let content = shape.text(of: event.data) {
            text.say(content, output)
            return false
        }
        do throws(JSONError) {
            let chunk = try OpenAIChunk(event.data)
            if chunk.isError || event.isNamed("error") {
                return fail(FailureClassifier.classify(streamError: event.data, secrets: secrets).error, output)
            }
            if event.name.isEmpty, let content = chunk.onlyContent { shape.learn(event.data, text: content) }
            return try apply(chunk, output)
        } catch {
            if event.isNamed("error") {
                return fail(FailureClassifier.classify(streamError: event.data, secrets: secrets).error, output)
            }
            return fail(
                ErrorRecord(.modelUnavailable, "the provider's stream is broken: \(error.reason)"), output)
        }
    }

    private mutating func apply(_ chunk: OpenAIChunk, _ output: (StreamOutput) -> Void) throws(JSONError) -> Bool {
        if let choice = chunk.choice { try apply(choice, output) }
        if let usage = chunk.usage, usage != self.usage {
            self.usage = usage
            output(.reported(usage))
        }
        if let finishReason, case .failed(let code) = FinishReason.meaning(of: finishReason) {
            return fail(Self.error(code, finishReason), output)
        }
        return false
    }

    private mutating func apply(_ choice: OpenAIChunk.Choice, _ output: (StreamOutput) -> Void) throws(JSONError) {
        try think(choice, output)
        if let content = choice.content { text.say(content, output) }
        if let parts = choice.parts { try take(parts: parts, output) }
        if let refusal = choice.refusal, !refusal.isEmpty {
            isRefused = true
            text.say(refusal, output)
        }
        if let list = choice.toolCalls, list.count > 2 {
            try calls.take(list: list)
            output(.progress)
        }
        if let function = choice.functionCall {
            try calls.take(legacy: function)
            output(.progress)
        }
        if finishReason == nil, let word = choice.finishReason {
            finishReason = ClippedText(word.string, limit: Limits.idBytes).text
        }
    }

    private mutating func think(_ choice: OpenAIChunk.Choice, _ output: (StreamOutput) -> Void) throws(JSONError) {
        if let slice = choice.reasoningContent, !slice.isEmpty { think(slice, from: .reasoningContent, output) }
        if let slice = choice.reasoning, !slice.isEmpty { think(slice, from: .reasoning, output) }
        guard let list = choice.reasoningDetails, list.count > 2 else { return }
        if profile.reasoningField == .reasoningDetails { details.take(list) }
        output(.progress)
        var cursor = JSONCursor(list)
        guard try cursor.enterArray() else { return }
        while try cursor.nextElement() {
            guard try cursor.enterObject() else { continue }
            while try cursor.nextMember() {
                guard cursor.isKey("text") || cursor.isKey("summary"), let slice = try cursor.string() else { continue }
                think(slice, from: .reasoningDetails, output)
            }
        }
    }

    private mutating func think(
        _ slice: JSONCursor.Slice, from source: ProviderProfile.ReasoningField, _ output: (StreamOutput) -> Void
    ) {
        guard reasoningSource ?? source == source, !slice.isEmpty else { return }
        reasoningSource = source
        var kept: [UInt8] = []
        let isKept = profile.reasoningField != .none
        text.think(slice) { said in
            if isKept, case .thought(let piece) = said { kept.append(contentsOf: piece) }
            output(said)
        }
        if isKept, keptReasoning.count <= Self.maxKeptBytes { keptReasoning += kept }
    }

    /// Content as a list of parts: text, and reasoning that is a list of texts itself.
    private mutating func take(
        parts: UnsafeRawBufferPointer, _ output: (StreamOutput) -> Void
    ) throws(JSONError) {
        var cursor = JSONCursor(parts)
        guard try cursor.enterArray() else { return }
        while try cursor.nextElement() {
            guard try cursor.enterObject() else { continue }
            while try cursor.nextMember() {
                if cursor.isKey("text"), let slice = try cursor.string() {
                    text.say(slice, output)
                } else if cursor.isKey("thinking"), try cursor.enterArray() {
                    while try cursor.nextElement() {
                        guard try cursor.enterObject() else { continue }
                        while try cursor.nextMember() {
                            guard cursor.isKey("text"), let slice = try cursor.string() else { continue }
                            text.think(slice, output)
                        }
                    }
                }
            }
        }
    }

    mutating func end(wasCut: Bool, _ output: (StreamOutput) -> Void) {
        text.end(output)
        guard let word = finishReason else {
            return output(.failed(FailureClassifier.classify(transport: .truncated).error))
        }
        let reason: StopReason
        switch FinishReason.meaning(of: word) {
        case .ended(let meant): reason = meant
        case .failed(let code): return output(.failed(Self.error(code, word)))
        }
        let extras = profile.returnsCallExtras ? calls.extras(step: step) : []
        for call in calls.calls(step: step) { output(.called(call)) }
        let kept = OpenAIKeep.bytes(
            field: profile.reasoningField,
            reasoning: keptReasoning.count <= Self.maxKeptBytes ? keptReasoning : [], details: details.value,
            extras: extras)
        if let kept { output(.keep(kept)) }
        output(.ended(isRefused ? .refusal : reason, providerReason: word))
    }

    private static func error(_ code: ErrorCode, _ word: String) -> ErrorRecord {
        ErrorRecord(code, "the provider ended the answer with \"\(word)\"")
    }

    private mutating func fail(_ error: ErrorRecord, _ output: (StreamOutput) -> Void) -> Bool {
        text.end(output)
        output(.failed(error))
        return true
    }
}

/// Decodes the stream of a chat completion.
typealias OpenAIStreamDecoder = EventStreamDecoder<OpenAIReader>

extension EventStreamDecoder where Reader == OpenAIReader {
    /// A decoder for the answer to a request, whose step makes names for calls that have none. The secrets are kept out
    /// of every message.
    init(profile: ProviderProfile, request: ModelRequest? = nil, secrets: [String] = []) {
        self.init(reader: OpenAIReader(profile: profile, step: request?.step ?? 1, secrets: secrets))
    }
}
