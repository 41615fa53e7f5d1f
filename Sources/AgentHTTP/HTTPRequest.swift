/// One request, as it is to be sent.
public struct HTTPRequest: Sendable {
    /// The whole address; `http` or `https`.
    public var url: String
    /// Header fields. Names and values are without control characters.
    public var headers: [(name: String, value: String)]
    /// The body; the method is POST.
    public var body: [UInt8]
    /// How long resolving, connecting and the TLS handshake may take together.
    public var connectTimeout: Duration
    /// How long the first byte of the answer may take, from the start.
    public var firstByteTimeout: Duration
    /// The certificates to trust instead of the system's, a PEM file.
    public var caFile: String?
    /// The proxy to go through; nil for none, whatever the environment says.
    public var proxy: String?

    /// A request with everything said.
    public init(
        url: String, headers: [(name: String, value: String)], body: [UInt8],
        connectTimeout: Duration = .seconds(10), firstByteTimeout: Duration = .seconds(120), caFile: String? = nil,
        proxy: String? = nil
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.firstByteTimeout = firstByteTimeout
        self.caFile = caFile
        self.proxy = proxy
    }
}
