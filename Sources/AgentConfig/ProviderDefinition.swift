public import AgentProtocol

/// A place where models are asked.
public struct ProviderDefinition: Equatable, Sendable {
    /// What protocol it speaks.
    public enum Kind: String, Sendable, CaseIterable {
        /// Anthropic's Messages.
        case anthropic
        /// OpenAI's Chat Completions, which most other servers understand too.
        case openai
        /// Plays prepared answers; built in, needs no network.
        case script
    }

    /// One line that is sent with each request.
    public struct Header: Equatable, Sendable {
        /// The name, a token of RFC 9110 section 5.6.2, as it was written.
        public var name: String
        /// The value: printable ASCII, not empty, without space around it.
        public var value: String

        /// A header with everything said.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The part of an agent's `model` before the slash.
    public var name: String
    /// What protocol it speaks.
    public var kind: Kind
    /// Where its key is found.
    public var keySource: KeySource
    /// The address that requests go below, without a slash at its end; nil takes the one of the preset or the kind.
    public var baseURL: String?
    /// What is sent with each request besides the kind's own headers, by name; no name occurs twice.
    public var headers: [Header]
    /// The name of a set of capabilities that its requests begin from; nil takes the kind's own.
    public var preset: String?
    /// Single capabilities that differ from the preset; their names and types are the business of the providers' room.
    public var profile: [String: JSONValue]
    /// The certificates that its server is checked against instead of the system's, a file of PEM text.
    public var caFile: String?
    /// The proxy that its requests go through: `http`, `https`, `socks5` or `socks5h`, host and port.
    public var proxy: String?
    /// Where the configuration says where its key is, or failing that, speaks of the provider; nil when it never does.
    public var place: SourcePlace?

    /// A provider of which only name and kind are certain.
    public init(
        name: String, kind: Kind, keySource: KeySource = .none, baseURL: String? = nil, headers: [Header] = [],
        preset: String? = nil, profile: [String: JSONValue] = [:], caFile: String? = nil, proxy: String? = nil,
        place: SourcePlace? = nil
    ) {
        self.name = name
        self.kind = kind
        self.keySource = keySource
        self.baseURL = baseURL
        self.headers = headers
        self.preset = preset
        self.profile = profile
        self.caFile = caFile
        self.proxy = proxy
        self.place = place
    }

    /// The providers that agents can name without a word about them in the configuration, by name.
    static let builtIn: [String: ProviderDefinition] = [
        "anthropic": ProviderDefinition(
            name: "anthropic", kind: .anthropic,
            keySource: .vendor(variable: "ANTHROPIC_API_KEY", credential: "anthropic")),
        "openai": ProviderDefinition(
            name: "openai", kind: .openai, keySource: .vendor(variable: "OPENAI_API_KEY", credential: "openai")),
        "script": ProviderDefinition(name: "script", kind: .script),
    ]
}
