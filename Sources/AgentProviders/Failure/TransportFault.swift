/// How a request can fail before or beside the provider's own words.
enum TransportFault: Equatable, Sendable {
    /// The name could not be looked up.
    case resolve
    /// The connection was refused or unreachable.
    case connect
    /// The connection took too long to come about.
    case connectTimeout
    /// The secure connection failed; the text says how.
    case tls(String)
    /// The connection broke.
    case reset
    /// The connection was closed before the answer's announced end.
    case truncated
    /// Nothing came within the time for the first byte.
    case firstByteTimeout
    /// Nothing came for too long.
    case idleTimeout
    /// The answer is larger than allowed.
    case tooLarge
    /// The answer is not HTTP as it should be; the text says how.
    case protocolError(String)
}
