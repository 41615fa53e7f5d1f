import AgentProtocol

extension ProviderProfile {
    /// The preset of this name.
    public static func preset(named name: String) -> ProviderProfile? { presets.first { $0.name == name } }

    /// The names of all presets.
    public static var presetNames: [String] { presets.map(\.name) }

    /// The preset that fits an address, with that address; `generic` when none is known for it.
    public static func inferred(baseURL: String) -> ProviderProfile {
        var url = baseURL[...]
        while url.last == "/" { url.removeLast() }
        let place = authority(of: url)
        let known = hosts.first { $0.port.map { place.port == $0 } ?? place.host.isWithin($0.host) }
        var profile = known.flatMap { preset(named: $0.preset) } ?? generic
        profile.baseURL = String(url)
        return profile
    }

    /// Host names, domains included, and ports that servers of local models listen on.
    private static let hosts: [(host: String, port: String?, preset: String)] = [
        ("api.openai.com", nil, "openai"), ("api.anthropic.com", nil, "anthropic"),
        ("openrouter.ai", nil, "openrouter"), ("api.deepseek.com", nil, "deepseek"), ("api.groq.com", nil, "groq"),
        ("api.mistral.ai", nil, "mistral"), ("generativelanguage.googleapis.com", nil, "gemini-compat"),
        ("openai.azure.com", nil, "azure"), ("services.ai.azure.com", nil, "azure"),
        ("cognitiveservices.azure.com", nil, "azure"), ("", "11434", "ollama"), ("", "8000", "vllm"),
        ("", "8080", "llamacpp"),
    ]

    private static func authority(of url: Substring) -> (host: String, port: String?) {
        var rest = url
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        rest = rest.prefix { $0 != "/" && $0 != "?" }
        if let user = rest.lastIndex(of: "@") { rest = rest[rest.index(after: user)...] }
        // A colon inside brackets belongs to an address of the sixth version.
        guard let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") else {
            return (rest.lowercased(), nil)
        }
        return (rest[..<colon].lowercased(), String(rest[rest.index(after: colon)...]))
    }

    private static let presets: [ProviderProfile] = [
        openai, anthropic, openrouter, deepseek, groq, mistral, ollama, vllm, llamacpp, azure, geminiCompat, generic,
    ]

    /// What models that reason before they answer refuse or rename at their own vendor.
    private static let reasoningModels: [ModelRule] = ["o1", "o3", "o4", "gpt-5"].map {
        ModelRule(
            prefix: $0, settings: ["accepts_temperature": .bool(false), "instructions_role": .string("developer")])
    }

    private static let openai = make("openai", .openai) {
        $0.baseURL = "https://api.openai.com/v1"
        $0.maxTokensField = .maxCompletionTokens
        $0.models =
            reasoningModels + [
                // The first of them know neither role, and only user messages are sure to be read.
                ModelRule(prefix: "o1-mini", settings: ["instructions_role": .string("user")]),
                ModelRule(prefix: "o1-preview", settings: ["instructions_role": .string("user")]),
                // The chat models of the family do not reason.
                ModelRule(prefix: "gpt-5-chat", settings: ["accepts_temperature": .bool(true)]),
            ]
    }

    private static let azure = make("azure", .openai) {
        $0.authorization = .apiKey
        $0.maxTokensField = .maxCompletionTokens
        $0.models = reasoningModels
    }

    private static let anthropic = make("anthropic", .anthropic) {
        $0.baseURL = "https://api.anthropic.com"
        $0.path = "/v1/messages"
        $0.authorization = .xAPIKey
        $0.headers = [Header(name: "anthropic-version", value: "2023-06-01")]
        $0.maxTokens = 32_000
        $0.requiresMaxTokens = true
        $0.callIDLimit = 64
        $0.declaresPastTools = true
        // Older models refuse a bound that they cannot reach, newer ones a temperature.
        let bounds: [ModelRule] = ["claude-3-", "claude-2", "claude-instant"].map {
            ModelRule(prefix: $0, settings: ["max_tokens": .number(JSONNumber(4096))])
        }
        let longer: [ModelRule] = ["claude-3-5", "claude-3-7"].map {
            ModelRule(prefix: $0, settings: ["max_tokens": .number(JSONNumber(8192))])
        }
        let cool: [ModelRule] = [
            "claude-opus-4-7", "claude-opus-4-8", "claude-opus-4-9", "claude-opus-5", "claude-sonnet-5",
            "claude-fable", "claude-mythos",
        ].map { ModelRule(prefix: $0, settings: ["accepts_temperature": .bool(false)]) }
        $0.models = bounds + longer + cool
    }

    private static let openrouter = make("openrouter", .openai) {
        $0.baseURL = "https://openrouter.ai/api/v1"
        $0.reasoningField = .reasoningDetails
        $0.models = ["o1", "o3", "o4", "gpt-5"].map {
            ModelRule(prefix: $0, settings: ["accepts_temperature": .bool(false)])
        }
    }

    private static let deepseek = make("deepseek", .openai) {
        $0.baseURL = "https://api.deepseek.com/v1"
        $0.reasoningField = .reasoningContent
    }

    private static let groq = make("groq", .openai) {
        $0.baseURL = "https://api.groq.com/openai/v1"
        $0.maxTokensField = .maxCompletionTokens
        $0.readsThinkTags = true
    }

    private static let mistral = make("mistral", .openai) {
        $0.baseURL = "https://api.mistral.ai/v1"
        $0.asksForUsage = false
        $0.callIDLimit = 9
        $0.callIDIsExact = true
        $0.wantsAnswerAfterTool = true
    }

    private static let ollama = make("ollama", .openai) {
        $0.baseURL = "http://localhost:11434/v1"
        $0.requiresKey = false
        $0.readsThinkTags = true
        $0.wantsAnswerAfterTool = true
    }

    private static let vllm = make("vllm", .openai) {
        $0.baseURL = "http://localhost:8000/v1"
        $0.requiresKey = false
        $0.readsThinkTags = true
        $0.wantsAnswerAfterTool = true
    }

    private static let llamacpp = make("llamacpp", .openai) {
        $0.baseURL = "http://localhost:8080/v1"
        $0.requiresKey = false
        $0.readsThinkTags = true
        $0.wantsAnswerAfterTool = true
    }

    private static let geminiCompat = make("gemini-compat", .openai) {
        $0.baseURL = "https://generativelanguage.googleapis.com/v1beta/openai"
        $0.returnsCallExtras = true
    }

    private static let generic = make("generic", .openai) {
        $0.requiresKey = false
        $0.readsThinkTags = true
        $0.wantsAnswerAfterTool = true
    }

    private static func make(
        _ name: String, _ wire: Wire, _ describe: (inout ProviderProfile) -> Void
    ) -> ProviderProfile {
        var profile = ProviderProfile(name: name, wire: wire)
        describe(&profile)
        return profile
    }
}

extension String {
    /// Whether a host is this one or one below it. No host is below the empty one.
    fileprivate func isWithin(_ domain: String) -> Bool {
        guard !domain.isEmpty else { return false }
        return self == domain || hasSuffix("." + domain)
    }
}
