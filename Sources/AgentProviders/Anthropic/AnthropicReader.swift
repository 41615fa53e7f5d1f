import AgentEngine
import AgentProtocol

/// Reads the event stream of a message.
struct AnthropicReader: EventReader {
    /// Most bytes that are kept for going back; of more, nothing goes back.
    private static let maxKeptBytes = 4 * 1024 * 1024
    /// Most blocks of one message; what belongs to more is shown but not kept, and their calls are not made.
    private static let maxBlocks = 256

    private let model: String?
    private let step: Int
    private let secrets: [String]
    private var text: AnswerText
    private var blocks: [AnthropicBlock] = []
    private var keptBytes = 0
    private var usage = AnthropicUsage()
    private var stopReason: String?
    private var hasBegun = false

    init(model: String?, profile: ProviderProfile, step: Int, secrets: [String]) {
        self.model = model
        self.step = step
        self.secrets = secrets
        text = AnswerText(readsThinkTags: profile.readsThinkTags)
    }

    var isWhole: Bool { stopReason != nil }

    mutating func take(_ event: SSEEvent, _ output: (StreamOutput) -> Void) -> Bool {
        guard !event.data.isEmpty else { return false }
        let before = usage
        do throws(JSONError) {
            let read = try AnthropicEvent(event.data, usage: &usage)
            if usage != before, let report = usage.usage { output(.reported(report)) }
            return apply(read, event, output)
        } catch {
            let failure =
                event.isNamed("error")
                ? FailureClassifier.classify(streamError: event.data, secrets: secrets).error
                : ErrorRecord(.modelUnavailable, "the provider's stream is broken: \(error.reason)")
            return fail(failure, output)
        }
    }

    private mutating func apply(
        _ read: AnthropicEvent, _ event: SSEEvent, _ output: (StreamOutput) -> Void
    ) -> Bool {
        if read.isType("content_block_delta", event) {
            if let part = read.part { takeDelta(part, at: read.index, output) }
        } else if read.isType("content_block_start", event) {
            if let part = read.part { begin(part, at: read.index, output) }
        } else if read.isType("content_block_stop", event) {
            text.end(output)
            if let place = place(of: read.index) { blocks[place].isOpen = false }
        } else if read.isType("message_delta", event) {
            if stopReason == nil, let word = read.part?.stopReason {
                stopReason = ClippedText(word.string, limit: Limits.idBytes).text
            }
        } else if read.isType("message_start", event) {
            guard !hasBegun else {
                return fail(
                    ErrorRecord(.modelUnavailable, "the provider's stream is broken: two answers in one"), output)
            }
            hasBegun = true
        } else if read.isType("message_stop", event) {
            end(wasCut: false, output)
            return true
        } else if read.isType("error", event) || read.isError {
            return fail(FailureClassifier.classify(streamError: event.data, secrets: secrets).error, output)
        }
        return false
    }

    private mutating func begin(
        _ part: AnthropicEvent.Part, at index: Int64?, _ output: (StreamOutput) -> Void
    ) {
        guard blocks.count < Self.maxBlocks else { return }
        var block = AnthropicBlock(index: index, kind: AnthropicBlock.kind(of: part.type))
        if block.kind == .tool {
            block.call.id = part.id?.string ?? ""
            block.call.name = part.name?.string ?? ""
            // The input comes in pieces, unless a gateway sends it whole: then it is not the empty object.
            if let input = part.input, input.count > 2 { block.call.take(object: input) }
            output(.progress)
        }
        blocks.append(block)
        if let seal = part.data ?? part.signature { keep(seal: seal, in: blocks.count - 1) }
        if let words = part.text { say(words, in: blocks.count - 1, output) }
        if let words = part.thinking { think(words, in: blocks.count - 1, output) }
    }

    private mutating func takeDelta(
        _ part: AnthropicEvent.Part, at index: Int64?, _ output: (StreamOutput) -> Void
    ) {
        let place = place(of: index)
        if let words = part.text {
            say(words, in: place, output)
        } else if let piece = part.partialJSON {
            if let place { blocks[place].call.append(piece) }
            if !piece.isEmpty { output(.progress) }
        } else if let words = part.thinking {
            think(words, in: place, output)
        } else if let seal = part.signature {
            if let place { keep(seal: seal, in: place) }
            output(.progress)
        }
    }

    private func place(of index: Int64?) -> Int? { blocks.lastIndex { $0.index == index && $0.isOpen } }

    private mutating func say(_ words: JSONCursor.Slice, in place: Int?, _ output: (StreamOutput) -> Void) {
        guard let place, hasRoom(for: words) else { return text.say(words, output) }
        Self.take(words, isThought: false, &text, keptIn: &blocks[place].text, output)
    }

    private mutating func think(_ words: JSONCursor.Slice, in place: Int?, _ output: (StreamOutput) -> Void) {
        guard let place, hasRoom(for: words) else { return text.think(words, output) }
        Self.take(words, isThought: true, &text, keptIn: &blocks[place].text, output)
    }

    /// Says a piece and keeps it as it was said. The parts are handed over one by one, because both change at once.
    private static func take(
        _ words: JSONCursor.Slice, isThought: Bool, _ text: inout AnswerText, keptIn kept: inout [UInt8],
        _ output: (StreamOutput) -> Void
    ) {
        let keep: (StreamOutput) -> Void = { piece in
            switch piece {
            case .said(let bytes), .thought(let bytes): kept.append(contentsOf: bytes)
            default: break
            }
            output(piece)
        }
        if isThought { text.think(words, keep) } else { text.say(words, keep) }
    }

    private mutating func keep(seal slice: JSONCursor.Slice, in place: Int) {
        guard hasRoom(for: slice) else { return }
        var escaped: [UInt8] = []
        JSONEscaping.append(slice.string, to: &escaped)
        if blocks[place].kind == .redacted {
            blocks[place].text += escaped
        } else {
            blocks[place].signature += escaped
        }
    }

    private mutating func hasRoom(for slice: JSONCursor.Slice) -> Bool {
        keptBytes += slice.bytes.count
        return keptBytes <= Self.maxKeptBytes
    }

    mutating func end(wasCut: Bool, _ output: (StreamOutput) -> Void) {
        text.end(output)
        guard let word = stopReason else {
            return output(.failed(FailureClassifier.classify(transport: .truncated).error))
        }
        let tools = blocks.indices.filter { blocks[$0].kind == .tool }
        let meaning = FinishReason.meaning(of: word)
        if case .failed(let code) = meaning {
            return output(.failed(ErrorRecord(code, "the provider ended the answer with \"\(word)\"")))
        }
        // The window was full before there was any answer. With an answer it is one that was cut for its length.
        if word == "model_context_window_exceeded", tools.isEmpty, !text.hasSaid {
            return output(
                .failed(ErrorRecord(.contextLengthExceeded, "the conversation fills the model's context window")))
        }
        guard case .ended(let reason) = meaning else { return }
        for place in tools { blocks[place].call.isOpen = blocks[place].isOpen }
        let names = ToolCallDraft.names(for: tools.map { blocks[$0].call }, step: step)
        for (place, name) in zip(tools, names) { output(.called(blocks[place].call.call(id: name))) }
        if let kept = kept(names: Dictionary(uniqueKeysWithValues: zip(tools, names))) { output(.keep(kept)) }
        output(.ended(reason, providerReason: word))
    }

    /// The blocks as they go back, marked with wire format and model: only the model that reasoned takes its reasoning
    /// back. Nil when there is no reasoning: then the messages say everything.
    private func kept(names: [Int: ToolCallID]) -> [UInt8]? {
        guard let model, keptBytes <= Self.maxKeptBytes, blocks.contains(where: \.isReasoning) else { return nil }
        var writer = JSONWriter(capacity: keptBytes + 256)
        writer.beginObject()
        writer.member("kind", ProviderProfile.Wire.anthropic.rawValue)
        writer.member("model", model)
        writer.key("content")
        writer.beginArray()
        for (place, block) in blocks.enumerated() { block.write(to: &writer, id: names[place]) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private mutating func fail(_ error: ErrorRecord, _ output: (StreamOutput) -> Void) -> Bool {
        text.end(output)
        output(.failed(error))
        return true
    }
}

/// Decodes the stream of a message.
typealias AnthropicStreamDecoder = EventStreamDecoder<AnthropicReader>

extension EventStreamDecoder where Reader == AnthropicReader {
    /// A decoder for the answer to a request, whose model marks what goes back (without a request nothing does) and
    /// whose step makes names for calls that have none. The secrets are kept out of every message.
    init(profile: ProviderProfile, request: ModelRequest? = nil, secrets: [String] = []) {
        self.init(
            reader: AnthropicReader(
                model: request?.model, profile: profile, step: request?.step ?? 1, secrets: secrets))
    }
}
