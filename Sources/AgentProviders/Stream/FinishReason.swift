import AgentProtocol

/// What providers say when an answer ends, in all their words.
enum FinishReason {
    /// What a word means.
    enum Meaning: Equatable {
        case ended(StopReason)
        case failed(ErrorCode)
    }

    /// Words in lower case; a word that is not here means `other`, because vendors add new ones.
    private static let meanings: [String: Meaning] = [
        "stop": .ended(.stop), "end_turn": .ended(.stop), "eos": .ended(.stop), "eos_token": .ended(.stop),
        "tool_calls": .ended(.stop), "tool_use": .ended(.stop), "function_call": .ended(.stop),
        "length": .ended(.length), "max_tokens": .ended(.length), "model_length": .ended(.length),
        "model_context_window_exceeded": .ended(.length),
        "stop_sequence": .ended(.stopSequence),
        "refusal": .ended(.refusal),
        "content_filter": .ended(.contentFilter), "content_filtered": .ended(.contentFilter),
        "safety": .ended(.contentFilter), "recitation": .ended(.contentFilter), "blocklist": .ended(.contentFilter),
        "prohibited_content": .ended(.contentFilter), "spii": .ended(.contentFilter),
        "error": .failed(.modelUnavailable), "insufficient_system_resource": .failed(.modelOverloaded),
    ]

    /// What a provider's word means.
    static func meaning(of word: String) -> Meaning { meanings[word.lowercased()] ?? .ended(.other) }
}
