internal import CCurl

/// A connection to a server that is made and closed again, to see whether it can be had and how long it takes.
///
/// It blocks its thread: for commands, never for the loop.
public struct ConnectionProbe: Sendable {
    /// From the start until the name had an address.
    public let resolved: Duration
    /// From the start until the server had taken the connection.
    public let connected: Duration
    /// From the start until the connection could be used, encryption included.
    public let ready: Duration

    /// Connects to the server of an address, as an exchange would; sends nothing.
    ///
    /// - Throws: why there is no connection.
    public init(url: String, timeout: Duration, caFile: String? = nil, proxy: String? = nil) throws(HTTPFailure) {
        // Thread-safe and idempotent, as in `HTTPClient`.
        curl_global_init(Int(CURL_GLOBAL_ALL))
        guard let easy = curl_easy_init() else { preconditionFailure("libcurl has no memory for a transfer") }
        defer { curl_easy_cleanup(easy) }
        agentd_curl_text(easy, CURLOPT_URL, url)
        agentd_curl_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        agentd_curl_text(easy, CURLOPT_PROXY, proxy ?? "")
        agentd_curl_long(easy, CURLOPT_CONNECT_ONLY, 1)
        agentd_curl_long(easy, CURLOPT_NOSIGNAL, 1)
        agentd_curl_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(timeout / .milliseconds(1))))
        if let caFile { agentd_curl_text(easy, CURLOPT_CAINFO, caFile) }
        let code = curl_easy_perform(easy)
        guard code == CURLE_OK else { throw HTTPFailure(code, words: String(cString: curl_easy_strerror(code))) }
        resolved = .microseconds(agentd_curl_microseconds(easy, CURLINFO_NAMELOOKUP_TIME_T))
        connected = .microseconds(agentd_curl_microseconds(easy, CURLINFO_CONNECT_TIME_T))
        // Without encryption there is no handshake, and its time is 0.
        ready = max(connected, .microseconds(agentd_curl_microseconds(easy, CURLINFO_APPCONNECT_TIME_T)))
    }

    /// The versions of libcurl and of what it is made with.
    public static var libraryVersion: String { String(cString: curl_version()) }
}
