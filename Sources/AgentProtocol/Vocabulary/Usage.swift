/// Tokens and money, as far as the provider told: nil is unknown, never zero.
public struct Usage: Equatable, Sendable {
    /// Tokens read by the model, cached ones included.
    public var inputTokens: Int64?
    /// Tokens that came from the provider's prompt cache.
    public var cacheReadTokens: Int64?
    /// Tokens written to the provider's prompt cache.
    public var cacheWriteTokens: Int64?
    /// Tokens written by the model, reasoning included.
    public var outputTokens: Int64?
    /// Tokens the model spent on reasoning.
    public var reasoningTokens: Int64?
    /// Input and output together.
    public var totalTokens: Int64?
    /// Cost in US dollars.
    public var costUSD: Double?
    /// Model requests made.
    public var requests: Int64
    /// Whether a figure was estimated by us instead of reported by the provider.
    public var estimated: Bool
    /// Whether some request reported no usage at all, so that the sums are lower bounds.
    public var incomplete: Bool

    /// Usage of no request yet, with whatever is known.
    public init(
        inputTokens: Int64? = nil, cacheReadTokens: Int64? = nil, cacheWriteTokens: Int64? = nil,
        outputTokens: Int64? = nil, reasoningTokens: Int64? = nil, totalTokens: Int64? = nil, costUSD: Double? = nil,
        requests: Int64 = 0, estimated: Bool = false, incomplete: Bool = false
    ) {
        self.inputTokens = inputTokens
        self.cacheReadTokens = cacheReadTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
        self.totalTokens = totalTokens
        self.costUSD = costUSD
        self.requests = requests
        self.estimated = estimated
        self.incomplete = incomplete
    }

    /// Counts one finished model request in; `report` is the provider's last word on it, nil when it gave none.
    public mutating func add(request report: Usage?) {
        requests += 1
        guard let report else {
            incomplete = true
            return
        }
        func sum(_ left: Int64?, _ right: Int64?) -> Int64? {
            guard let left, let right else { return left ?? right }
            // A provider's figures are not to be trusted with the process: they stop at the largest number.
            let (sum, isTooLarge) = left.addingReportingOverflow(right)
            return isTooLarge ? Int64.max : sum
        }
        inputTokens = sum(inputTokens, report.inputTokens)
        cacheReadTokens = sum(cacheReadTokens, report.cacheReadTokens)
        cacheWriteTokens = sum(cacheWriteTokens, report.cacheWriteTokens)
        outputTokens = sum(outputTokens, report.outputTokens)
        reasoningTokens = sum(reasoningTokens, report.reasoningTokens)
        let total = report.totalTokens ?? sum(report.inputTokens, report.outputTokens)
        totalTokens = sum(totalTokens, total)
        if let cost = report.costUSD { costUSD = (costUSD ?? 0) + cost }
        estimated = estimated || report.estimated
    }

    /// Writes the record as it stands in events, replies and the ledger.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("input_tokens", inputTokens)
        writer.member("cache_read_tokens", cacheReadTokens)
        writer.member("cache_write_tokens", cacheWriteTokens)
        writer.member("output_tokens", outputTokens)
        writer.member("reasoning_tokens", reasoningTokens)
        writer.member("total_tokens", totalTokens)
        writer.member("cost_usd", costUSD)
        writer.member("requests", requests)
        writer.member("estimated", estimated)
        writer.member("incomplete", incomplete)
        writer.endObject()
    }
}
