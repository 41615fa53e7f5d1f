/// What a model costs. In US dollars per million tokens; never negative.
public struct Price: Equatable, Sendable {
    /// Tokens that the model reads.
    public var input: Double
    /// Tokens that the model writes.
    public var output: Double
    /// Tokens that the provider takes from its cache; nil when it is not known.
    public var cacheRead: Double?
    /// Tokens that the provider puts into its cache; nil when it is not known.
    public var cacheWrite: Double?

    /// A price with everything said.
    public init(input: Double, output: Double, cacheRead: Double? = nil, cacheWrite: Double? = nil) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }
}

extension Price {
    /// Keeps a sum over many tokens finite, and is above any price there is.
    private static let range = 0...1_000_000

    /// Reads a model's table; nil when input or output is missing or wrong, which is noted as an issue.
    init?(_ section: ConfigurationSection) {
        section.allow(["input", "output", "cache_read", "cache_write"])
        let cacheRead = section.number("cache_read", in: Self.range)
        let cacheWrite = section.number("cache_write", in: Self.range)
        for key in ["input", "output"] where !section.has(key) {
            section.complain(nil, "\"\(key)\" is missing", hint: "in USD per million tokens")
        }
        guard let input = section.number("input", in: Self.range),
            let output = section.number("output", in: Self.range)
        else { return nil }
        self.init(input: input, output: output, cacheRead: cacheRead, cacheWrite: cacheWrite)
    }
}
