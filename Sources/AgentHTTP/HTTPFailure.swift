internal import CCurl

/// Why an exchange did not come to its end.
public enum HTTPFailure: Error, Equatable, Sendable {
    /// The host's name has no address.
    case resolve
    /// Nobody takes the connection.
    case connect
    /// Resolving, connecting and the handshake took too long together.
    case connectTimeout
    /// The peer is not who it should be, or does not speak TLS; with libcurl's words.
    case tls(String)
    /// The connection broke.
    case reset
    /// The answer ended before it was whole.
    case truncated
    /// Nothing came for too long.
    case firstByteTimeout
    /// Nothing that counts as progress came for too long.
    case idleTimeout
    /// The header is larger than allowed.
    case tooLarge
    /// The peer's answer, or our request, is not HTTP; with libcurl's words.
    case malformed(String)

    init(_ code: CURLcode, words: String) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .resolve
        case CURLE_COULDNT_CONNECT: self = .connect
        // The only clock that libcurl keeps for us is that of the connection.
        case CURLE_OPERATION_TIMEDOUT: self = .connectTimeout
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE:
            self = .tls(words)
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_FAIL_REWIND: self = .reset
        case CURLE_PARTIAL_FILE: self = .truncated
        default: self = .malformed(words)
        }
    }
}
