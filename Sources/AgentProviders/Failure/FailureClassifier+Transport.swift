import AgentProtocol

extension FailureClassifier {
    /// A request that failed before or beside the provider's own words.
    static func classify(transport fault: TransportFault, secrets: [String] = []) -> ProviderFailure {
        switch fault {
        case .resolve: again(.modelUnavailable, "the provider's host name was not found")
        case .connect: again(.modelUnavailable, "the provider cannot be reached")
        case .connectTimeout: again(.modelUnavailable, "the connection to the provider took too long")
        case .tls(let words):
            // A wrong certificate stays wrong, and asking again would only hide it.
            never(
                .modelUnavailable,
                Scrubber.clean("the secure connection to the provider failed: \(words)", secrets: secrets))
        case .reset: again(.modelUnavailable, "the connection to the provider broke")
        case .truncated: again(.modelTruncated, "the provider's answer broke off before its end")
        case .firstByteTimeout: again(.modelStalled, "the provider did not begin to answer in time")
        case .idleTimeout: again(.modelStalled, "the provider's answer stopped coming")
        case .tooLarge: never(.modelUnavailable, "the provider's answer is larger than allowed")
        case .protocolError(let words):
            again(
                .modelUnavailable,
                Scrubber.clean("the provider's answer is no proper HTTP: \(words)", secrets: secrets))
        }
    }

    private static func again(_ code: ErrorCode, _ message: String) -> ProviderFailure {
        ProviderFailure(error: ErrorRecord(code, message, retryable: true), retry: .after(nil))
    }

    private static func never(_ code: ErrorCode, _ message: String) -> ProviderFailure {
        ProviderFailure(error: ErrorRecord(code, message, retryable: false), retry: .never)
    }
}
