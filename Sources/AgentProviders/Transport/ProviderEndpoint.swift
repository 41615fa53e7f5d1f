public import AgentSystem

/// Where and how one provider is asked.
public struct ProviderEndpoint: Sendable {
    /// The provider's name in the configuration.
    public var name: String
    /// How it wants to be spoken to.
    public var profile: ProviderProfile
    /// Where its API is, without a slash at the end; the profile's own when nil.
    public var baseURL: String?
    /// Its key; nil for a server that needs none.
    public var key: Secret?
    /// Header fields of every request beside the key.
    public var headers: [(name: String, value: String)]
    /// The certificates to trust instead of the system's, a PEM file.
    public var caFile: String?
    /// The proxy to go through.
    public var proxy: String?
    /// How long resolving, connecting and the handshake may take.
    public var connectTimeout: Duration
    /// How long the first byte of an answer may take.
    public var firstByteTimeout: Duration
    /// How long an answer may make no progress; comments and pings are none.
    public var idleTimeout: Duration

    /// An endpoint with everything said.
    public init(
        name: String, profile: ProviderProfile, baseURL: String? = nil, key: Secret? = nil,
        headers: [(name: String, value: String)] = [], caFile: String? = nil, proxy: String? = nil,
        connectTimeout: Duration = .seconds(10), firstByteTimeout: Duration = .seconds(120),
        idleTimeout: Duration = .seconds(60)
    ) {
        self.name = name
        self.profile = profile
        self.baseURL = baseURL
        self.key = key
        self.headers = headers
        self.caFile = caFile
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.firstByteTimeout = firstByteTimeout
        self.idleTimeout = idleTimeout
    }
}
