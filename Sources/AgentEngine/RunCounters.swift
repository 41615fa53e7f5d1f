public import AgentProtocol

/// What the engine has done since it was made, in figures: counted for each run and each request to a model, never for
/// a piece of an answer, and only once what tells of it is in the ledger.
public struct RunCounters: Sendable {
    /// A model as a configuration has named it: those of configurations before a reload are kept, as counters only rise.
    private struct Model: Hashable {
        let provider: String
        let model: String
    }

    /// What the requests to one model came to.
    private struct Requests {
        var inputTokens: Int64 = 0
        var outputTokens: Int64 = 0
        var costUSD = 0.0
        var milliseconds: Int64 = 0
        /// How many took as long as a bound at most and longer than the one before it; those above all of them last.
        var byDuration = [Int64](repeating: 0, count: RunCounters.bounds.count + 1)
    }

    /// The bounds by which durations are told apart, in milliseconds.
    ///
    /// Source: OpenTelemetry, semantic conventions for generative AI, `gen_ai.client.operation.duration`.
    static let bounds: [Int64] = [
        10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960, 81_920,
    ]

    private let since: Timestamp
    private var ended: [RunStatus: Int64] = [:]
    private var requests: [Model: Requests] = [:]

    /// Figures that begin now.
    init(since: Timestamp) { self.since = since }

    /// How many runs have ended so.
    public func ended(_ status: RunStatus) -> Int64 { ended[status] ?? 0 }

    /// Counts the ends that a committed batch has written.
    mutating func countEnds(in committed: LedgerBatch) {
        for case .runEnded(let end) in committed.changes { ended[end.status, default: 0] += 1 }
    }

    mutating func count(requestTo agent: Agent, milliseconds: Int64) {
        // The time of day may have been set back meanwhile.
        let duration = max(0, milliseconds)
        let place = Self.bounds.firstIndex { duration <= $0 } ?? Self.bounds.count
        update(agent) { requests in
            requests.byDuration[place] += 1
            requests.milliseconds &+= duration
        }
    }

    /// Counts what a request used, as far as its provider told.
    mutating func count(_ usage: Usage, of agent: Agent) {
        update(agent) { requests in
            requests.inputTokens &+= Self.credible(usage.inputTokens)
            requests.outputTokens &+= Self.credible(usage.outputTokens)
            requests.costUSD += usage.costUSD ?? 0
        }
    }

    /// A provider's figure, which is not to be trusted with a sum: no request has more than 2^40 tokens.
    private static func credible(_ tokens: Int64?) -> Int64 { min(max(0, tokens ?? 0), 1 << 40) }

    private mutating func update(_ agent: Agent, _ body: (inout Requests) -> Void) {
        body(&requests[Model(provider: agent.providerName, model: agent.model), default: Requests()])
    }

    /// Writes the record that `hello` carries.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("since", since.milliseconds)
        writer.key("runs")
        writer.beginObject()
        for status in [RunStatus.completed, .interrupted, .error] {
            writer.key(status.rawValue)
            writer.integer(ended(status))
        }
        writer.endObject()
        writer.key("bounds_ms")
        Self.write(Self.bounds, to: &writer)
        writer.key("models")
        writer.beginArray()
        for (name, figures) in requests.sorted(by: { ($0.key.provider, $0.key.model) < ($1.key.provider, $1.key.model) }
        ) {
            writer.beginObject()
            writer.member("provider", name.provider)
            writer.member("model", name.model)
            writer.member("input_tokens", figures.inputTokens)
            writer.member("output_tokens", figures.outputTokens)
            writer.member("cost_usd", figures.costUSD)
            writer.member("duration_ms", figures.milliseconds)
            writer.key("requests")
            Self.write(figures.byDuration, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    private static func write(_ numbers: [Int64], to writer: inout JSONWriter) {
        writer.beginArray()
        for number in numbers { writer.integer(number) }
        writer.endArray()
    }
}
