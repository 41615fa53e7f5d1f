import AgentProtocol

/// What a model's tokens cost, in US dollars per million.
public struct TokenPrice: Equatable, Sendable {
    /// Tokens read, those from and into the cache left out.
    public var input: Double
    /// Tokens written.
    public var output: Double
    /// Tokens that came from the prompt cache; as dear as input when nil.
    public var cacheRead: Double?
    /// Tokens that went into the prompt cache; as dear as input when nil.
    public var cacheWrite: Double?

    /// A price with everything said.
    public init(input: Double, output: Double, cacheRead: Double? = nil, cacheWrite: Double? = nil) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }

    /// What one request cost; nil where the provider did not say how many tokens it took.
    func cost(of usage: Usage) -> Double? {
        guard let read = usage.inputTokens, let written = usage.outputTokens else { return nil }
        let fromCache = usage.cacheReadTokens ?? 0
        let intoCache = usage.cacheWriteTokens ?? 0
        let plain = max(0, read - fromCache - intoCache)
        return
            (Double(plain) * input + Double(fromCache) * (cacheRead ?? input)
            + Double(intoCache) * (cacheWrite ?? input) + Double(written) * output) / 1_000_000
    }
}
