import AgentProtocol

/// The figures that servers of chat completions give, with the names that several vendors have for them.
struct OpenAIUsage {
    private var input: Int64?
    private var output: Int64?
    private var total: Int64?
    private var cached: Int64?
    private var written: Int64?
    private var reasoning: Int64?
    private var cost: Double?

    /// Reads a usage object; nil when the value is none, or has no figure.
    static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Usage? {
        guard try cursor.enterObject() else { return nil }
        var usage = OpenAIUsage()
        while try cursor.nextMember() {
            if cursor.isKey("prompt_tokens") || cursor.isKey("input_tokens") {
                usage.input = try figure(&cursor)
            } else if cursor.isKey("completion_tokens") || cursor.isKey("output_tokens") {
                usage.output = try figure(&cursor)
            } else if cursor.isKey("total_tokens") {
                usage.total = try figure(&cursor)
            } else if cursor.isKey("cost") {
                usage.cost = try cursor.double().flatMap { $0 < 0 ? nil : $0 }
            } else if cursor.isKey("prompt_cache_hit_tokens") || cursor.isKey("cached_tokens") {
                usage.cached = try figure(&cursor) ?? usage.cached
            } else if cursor.kind == .object {
                try usage.readDetails(&cursor)
            }
        }
        return usage.result
    }

    private mutating func readDetails(_ cursor: inout JSONCursor) throws(JSONError) {
        let isInput = cursor.isKey("prompt_tokens_details") || cursor.isKey("input_tokens_details")
        let isOutput = cursor.isKey("completion_tokens_details") || cursor.isKey("output_tokens_details")
        guard isInput || isOutput, try cursor.enterObject() else { return }
        while try cursor.nextMember() {
            if isInput, cursor.isKey("cached_tokens") {
                cached = try Self.figure(&cursor) ?? cached
            } else if isInput, cursor.isKey("cache_write_tokens") {
                written = try Self.figure(&cursor)
            } else if isOutput, cursor.isKey("reasoning_tokens") {
                reasoning = try Self.figure(&cursor)
            }
        }
    }

    /// A number of tokens; a negative one is as good as unknown.
    private static func figure(_ cursor: inout JSONCursor) throws(JSONError) -> Int64? {
        try cursor.integer().flatMap { $0 < 0 ? nil : $0 }
    }

    private var result: Usage? {
        guard input != nil || output != nil || total != nil else { return nil }
        var output = output
        // Some count reasoning beside the output instead of in it; the total tells.
        if let input, let shown = output, let total, let reasoning, total == input + shown + reasoning {
            output = shown + reasoning
        }
        return Usage(
            inputTokens: input, cacheReadTokens: cached.map { min($0, input ?? $0) }, cacheWriteTokens: written,
            outputTokens: output, reasoningTokens: reasoning.map { min($0, output ?? $0) }, totalTokens: total,
            costUSD: cost)
    }
}
