import AgentProtocol

/// Writes values as TOML.
enum TOMLText {
    /// A key, in quotes where it needs some.
    static func key(_ name: String) -> String {
        let isBare = !name.isEmpty && name.utf8.allSatisfy(isBare)
        return isBare ? name : string(name)
    }

    /// A value, on one line.
    static func value(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): string(text)
        case .number(let number): number.text
        case .bool(let isTrue): isTrue ? "true" : "false"
        case .array(let elements): "[" + elements.map(Self.value).joined(separator: ", ") + "]"
        case .object(let object) where object.members.isEmpty: "{}"
        case .object(let object):
            "{ " + object.members.map { "\(key($0.name)) = \(Self.value($0.value))" }.joined(separator: ", ") + " }"
        // TOML has no word for nothing; no setting has it.
        case .null: "\"\""
        }
    }

    /// What JSON escapes, TOML escapes in the same way.
    private static func string(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
