import AgentProtocol

/// The settings of a profile by their keys: one table, so that what can be set is what is checked and suggested.
enum ProfileKeys {
    typealias Setter = @Sendable (inout ProviderProfile, JSONValue) throws(ProfileError) -> Void

    /// Largest bound of an answer that makes sense.
    private static let maxTokens: ClosedRange<Int64> = 1...10_000_000
    private static let nameLengths: ClosedRange<Int64> = 16...1024
    private static let idLengths: ClosedRange<Int64> = 9...128

    /// Every key with what it sets.
    static let all: [(key: String, set: Setter)] = [
        ("base_url", text("base_url") { $0.baseURL = trimmed($1) }),
        ("path", text("path") { $0.path = $1.hasPrefix("/") ? $1 : "/" + $1 }),
        ("authorization", word("authorization", \.authorization)),
        ("requires_key", flag("requires_key", \.requiresKey)),
        ("headers", headers),
        ("max_tokens_field", word("max_tokens_field", \.maxTokensField)),
        ("max_tokens", maxTokensSetting),
        ("requires_max_tokens", flag("requires_max_tokens", \.requiresMaxTokens)),
        ("temperature", temperature),
        ("accepts_temperature", flag("accepts_temperature", \.acceptsTemperature)),
        ("asks_for_usage", flag("asks_for_usage", \.asksForUsage)),
        ("instructions_role", word("instructions_role", \.instructionsRole)),
        ("tool_name_limit", number("tool_name_limit", nameLengths) { $0.toolNameLimit = Int($1) }),
        ("call_id_limit", number("call_id_limit", idLengths) { $0.callIDLimit = Int($1) }),
        ("call_id_is_exact", flag("call_id_is_exact", \.callIDIsExact)),
        ("reasoning_field", word("reasoning_field", \.reasoningField)),
        ("returns_call_extras", flag("returns_call_extras", \.returnsCallExtras)),
        ("reads_think_tags", flag("reads_think_tags", \.readsThinkTags)),
        ("wants_answer_after_tool", flag("wants_answer_after_tool", \.wantsAnswerAfterTool)),
        ("declares_past_tools", flag("declares_past_tools", \.declaresPastTools)),
        ("extra_body", extraBody),
    ]

    /// The setter of a key; nil when there is none.
    static func setter(of key: String) -> Setter? { all.first { $0.key == key }?.set }

    private static func wrong(_ key: String, _ wanted: String) -> ProfileError {
        ProfileError(key: key, "\(key) must be \(wanted)")
    }

    private static func trimmed(_ url: String) -> String {
        var url = url[...]
        while url.last == "/" { url.removeLast() }
        return String(url)
    }

    private static func text(
        _ key: String, _ set: @escaping @Sendable (inout ProviderProfile, String) -> Void
    ) -> Setter {
        { (profile, value) throws(ProfileError) in
            guard let text = value.string, !text.isEmpty else { throw wrong(key, "a text that is not empty") }
            set(&profile, text)
        }
    }

    private static func flag(
        _ key: String, _ path: any WritableKeyPath<ProviderProfile, Bool> & Sendable
    ) -> Setter {
        { (profile, value) throws(ProfileError) in
            guard let flag = value.bool else { throw wrong(key, "true or false") }
            profile[keyPath: path] = flag
        }
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable & Sendable>(
        _ key: String, _ path: any WritableKeyPath<ProviderProfile, Word> & Sendable
    ) -> Setter {
        let words = Array(Word.allCases)
        return { (profile, value) throws(ProfileError) in
            guard let text = value.string, let word = words.first(where: { $0.rawValue == text }) else {
                throw wrong(key, "one of " + words.map(\.rawValue).joined(separator: ", "))
            }
            profile[keyPath: path] = word
        }
    }

    private static func number(
        _ key: String, _ range: ClosedRange<Int64>,
        _ set: @escaping @Sendable (inout ProviderProfile, Int64) -> Void
    ) -> Setter {
        { (profile, value) throws(ProfileError) in
            guard let number = value.int64, range.contains(number) else {
                throw wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            set(&profile, number)
        }
    }

    private static let maxTokensSetting: Setter = { (profile, value) throws(ProfileError) in
        if value == .null, !profile.requiresMaxTokens {
            profile.maxTokens = nil
            return
        }
        try number("max_tokens", maxTokens) { $0.maxTokens = $1 }(&profile, value)
    }

    private static let temperature: Setter = { (profile, value) throws(ProfileError) in
        if value == .null {
            profile.temperature = nil
            return
        }
        guard case .number(let number) = value, let degree = Double(number.text), (0...2).contains(degree) else {
            throw wrong("temperature", "a number from 0 to 2")
        }
        profile.temperature = degree
    }

    private static let headers: Setter = { (profile, value) throws(ProfileError) in
        guard let object = value.object else { throw wrong("headers", "an object of texts") }
        var headers: [ProviderProfile.Header] = []
        for member in object.members {
            guard let text = member.value.string, isHeaderName(member.name), isHeaderValue(text) else {
                throw wrong("headers", "an object of header names and texts of one line; \"\(member.name)\" is not")
            }
            headers.append(ProviderProfile.Header(name: member.name, value: text))
        }
        profile.headers = headers
    }

    private static func isHeaderName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
            }
    }

    private static func isHeaderValue(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }

    /// Members that the requests write themselves; a second one would make the request ambiguous.
    private static let ownMembers: Set<String> = [
        "model", "messages", "stream", "stream_options", "system", "max_tokens", "max_completion_tokens",
        "temperature", "tools",
    ]

    private static let extraBody: Setter = { (profile, value) throws(ProfileError) in
        guard let object = value.object else { throw wrong("extra_body", "an object") }
        if let own = object.members.first(where: { ownMembers.contains($0.name) }) {
            throw ProfileError(key: "extra_body", "extra_body may not set \(own.name): the request has one already")
        }
        profile.extraBody = object
    }
}
