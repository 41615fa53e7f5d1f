public import AgentProtocol

/// One setting as it holds, whether a file has said it or not.
public struct Setting: Equatable, Sendable {
    /// The tables that lead to it, and its key; an agent's settings are below `agents` and its name.
    public let key: [String]
    /// What it is. Never a provider's key, but perhaps something else that is nobody's business: show `shownValue`.
    public let value: JSONValue
    /// Where it is said; nil where it is the default.
    public let place: SourcePlace?

    /// A setting with everything said.
    public init(key: [String], value: JSONValue, place: SourcePlace?) {
        self.key = key
        self.value = value
        self.place = place
    }

    /// The key as it is written on one line of TOML.
    public var name: String { key.map(TOMLText.key).joined(separator: ".") }

    /// The setting as one line of TOML, with what may be a secret left out.
    public var line: String { "\(name) = \(TOMLText.value(shownValue))" }

    /// What may be shown of the value: headers and what is added to requests are replaced by asterisks, and so is an
    /// address that a profile names, which nobody has looked at.
    public var shownValue: JSONValue {
        guard key.first == "providers" else { return value }
        if key.dropLast().last == "headers" { return Self.hidden }
        return key.last == "profile" ? Self.shown(value) : value
    }

    private static let hidden = JSONValue.string("********")
    private static let hiddenMembers: Set<String> = ["base_url", "extra_body", "headers"]

    private static func shown(_ value: JSONValue) -> JSONValue {
        guard let object = value.object else { return value }
        var result = JSONObject()
        for member in object.members {
            result.append(member.name, hiddenMembers.contains(member.name) ? hidden : shown(member.value))
        }
        return .object(result)
    }
}
