import AgentProtocol

/// The figures of a message: counters that only grow, told at its beginning and again at its end.
struct AnthropicUsage: Equatable {
    private var fresh: Int64?
    private var written: Int64?
    private var read: Int64?
    private var output: Int64?
    private var reasoning: Int64?

    /// Reads a usage object over what is known. Some gateways repeat a counter as 0: the larger word stays.
    mutating func update(_ cursor: inout JSONCursor) throws(JSONError) {
        guard try cursor.enterObject() else { return }
        while try cursor.nextMember() {
            if cursor.isKey("input_tokens") {
                try Self.raise(&fresh, &cursor)
            } else if cursor.isKey("cache_creation_input_tokens") {
                try Self.raise(&written, &cursor)
            } else if cursor.isKey("cache_read_input_tokens") {
                try Self.raise(&read, &cursor)
            } else if cursor.isKey("output_tokens") {
                try Self.raise(&output, &cursor)
            } else if cursor.isKey("output_tokens_details"), try cursor.enterObject() {
                while try cursor.nextMember() {
                    guard cursor.isKey("reasoning_tokens") || cursor.isKey("thinking_tokens") else { continue }
                    try Self.raise(&reasoning, &cursor)
                }
            }
        }
    }

    private static func raise(_ figure: inout Int64?, _ cursor: inout JSONCursor) throws(JSONError) {
        guard let value = try cursor.integer(), value >= 0 else { return }
        figure = max(figure ?? 0, value)
    }

    /// The figures in our words: input includes what came from and went to the cache. Nil when there are none.
    var usage: Usage? {
        guard fresh != nil || output != nil else { return nil }
        let input = fresh.map { $0 + (written ?? 0) + (read ?? 0) }
        return Usage(
            inputTokens: input, cacheReadTokens: read, cacheWriteTokens: written, outputTokens: output,
            reasoningTokens: reasoning.map { min($0, output ?? $0) })
    }
}
