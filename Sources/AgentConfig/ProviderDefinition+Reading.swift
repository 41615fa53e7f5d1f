import AgentProtocol

extension ProviderDefinition {
    /// Kinds that the grammar knows and this version does not have.
    private static let plannedKinds = ["gemini", "ollama", "openai-responses"]

    /// What only a provider with a server can have.
    private static let serverKeys = [
        "allow_http", "base_url", "ca_file", "headers", "key_env", "key_file", "preset", "profile", "proxy",
    ]

    /// Under these names people write the key itself.
    private static let literalKeys = ["api-key", "api_key", "apikey", "key", "password", "secret", "token"]

    /// Reads a provider's table. With a wrong kind there is an issue and a provider none the less, so that the agents
    /// that name it are not wrong as well.
    init(_ section: ConfigurationSection, name: String) {
        let keyHint = "a key is not written here; name its variable with key_env, or its file with key_file"
        section.allow(
            ["kind"] + Self.serverKeys,
            hints: Dictionary(uniqueKeysWithValues: Self.literalKeys.map { ($0, keyHint) }))
        let kind = Self.readKind(section)
        self.init(name: name, kind: kind ?? .openai, place: section.place())
        guard kind != .script else {
            for key in Self.serverKeys where section.has(key) {
                section.complain(key, "\(section.quoted(key)) means nothing to a provider of kind \"script\"")
            }
            return
        }
        readKeySource(section)
        baseURL = Self.readBaseURL(section)
        headers = Self.readHeaders(section)
        preset = section.string("preset", maximum: 128)
        profile = section.section("profile")?.jsonMembers() ?? [:]
        caFile = Self.readCertificates(section)
        proxy = Self.readProxy(section)
    }

    private static func readKind(_ section: ConfigurationSection) -> Kind? {
        guard section.has("kind") else {
            section.complain(
                nil, "\"kind\" is missing", hint: "write kind = \"openai\", \"anthropic\" or \"script\"")
            return nil
        }
        guard let word = section.string("kind") else { return nil }
        if let kind = Kind(rawValue: word) { return kind }
        if plannedKinds.contains(word) {
            section.complain("kind", "providers of kind \"\(word)\" are not supported by this version")
        } else {
            let kinds = Kind.allCases.map(\.rawValue) + plannedKinds
            section.complain("kind", "unknown kind \"\(word)\"", hint: KeySuggestion.hint(for: word, among: kinds))
        }
        return nil
    }

    private mutating func readKeySource(_ section: ConfigurationSection) {
        keySource = .credential(name)
        if let variable = section.string("key_env") {
            keySource = .environment(variable)
            place = section.place(of: "key_env")
            if !Self.isVariable(variable) {
                // Perhaps the key itself was written here, so the text is not repeated.
                section.complain(
                    "key_env", "\(section.quoted("key_env")) must be a variable's name: A-Z, 0-9 and _",
                    hint: "the key itself does not belong in this file; write key_env = \"OPENAI_API_KEY\"")
            }
        }
        if let file = section.path("key_file") {
            keySource = .file(file)
            place = section.place(of: "key_file")
        }
        if section.has("key_env"), section.has("key_file") {
            section.complain("key_file", "\"key_env\" and \"key_file\" exclude each other")
        }
    }

    /// Whether a text can be a variable's name. Small letters are left out, because nearly every key has some, and one
    /// that passed for a name would be shown as the name of an unset variable.
    private static func isVariable(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        return !isDigit(first)
            && text.utf8.allSatisfy {
                isDigit($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    private static func readBaseURL(_ section: ConfigurationSection) -> String? {
        let allowsHTTP = section.boolean("allow_http") ?? false
        guard let url = section.url("base_url", schemes: ["https", "http"]) else { return nil }
        if url.scheme == "http", !url.isLoopback, !allowsHTTP {
            section.complain(
                "base_url", "\(section.quoted("base_url")) must be https: the key would cross the network in the clear",
                hint: "allow_http = true permits it")
        }
        return url.text
    }

    private static func readProxy(_ section: ConfigurationSection) -> String? {
        guard let url = section.url("proxy", schemes: ["http", "https", "socks5", "socks5h"]) else { return nil }
        guard url.path.isEmpty, url.port != nil else {
            section.complain(
                "proxy", "\(section.quoted("proxy")) must be a host and a port",
                hint: "write proxy = \"http://proxy.example:3128\"")
            return nil
        }
        return url.text
    }

    private static func readCertificates(_ section: ConfigurationSection) -> String? {
        guard let path = section.path("ca_file") else { return nil }
        do throws(TextFile.Unreadable) {
            try TextFile.verify(path)
        } catch {
            section.complain("ca_file", "cannot read \(path): \(error.reason)")
        }
        return path
    }

    private static func readHeaders(_ section: ConfigurationSection) -> [Header] {
        guard let section = section.section("headers") else { return [] }
        var headers: [Header] = []
        var names: Set<String> = []
        for name in section.keys {
            if let objection = HeaderPolicy.objection(toName: name) {
                section.complain(name, objection.message, hint: objection.hint)
                continue
            }
            guard let value = section.string(name, maximum: HeaderPolicy.longestValue) else { continue }
            guard HeaderPolicy.isValue(value) else {
                section.complain(
                    name, "\(section.quoted(name)) must be printable ASCII, without space at its ends")
                continue
            }
            guard names.insert(name.lowercased()).inserted else {
                section.complain(name, "header \"\(name)\" is there twice", hint: "capitals make no difference")
                continue
            }
            headers.append(Header(name: name, value: value))
        }
        if headers.count > HeaderPolicy.mostHeaders {
            section.complain(nil, "more than \(HeaderPolicy.mostHeaders) headers")
        }
        return headers
    }
}
