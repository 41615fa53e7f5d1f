import AgentProtocol

/// A failed request to a provider: what is told, and what may be done about it.
struct ProviderFailure: Equatable, Sendable {
    /// Whether and when the same request may be made again.
    enum Retry: Equatable, Sendable {
        /// Not at all: it would fail again, or cost for nothing.
        case never
        /// Not before this delay, which the provider gave; nil leaves it to the caller's backoff.
        case after(Duration?)
    }

    /// What is told: clipped, on one line, free of secrets.
    var error: ErrorRecord
    /// Whether and when to try again.
    var retry: Retry
    /// The provider's name for the request, for the log.
    var requestID: String?

    init(error: ErrorRecord, retry: Retry, requestID: String? = nil) {
        self.error = error
        self.retry = retry
        self.requestID = requestID
    }
}
