/// Reads the parameters of a command by name and remembers which names were asked for, so that whatever is left over
/// can be told to the client.
///
/// A wrong value is remembered, not thrown: a command reads all its fields first, and `required` or `check` then
/// throw the first problem. `null` stands for a parameter that is not there.
struct CommandFields {
    private let object: JSONObject
    private var known: [String] = []
    /// The first thing that was wrong.
    private(set) var problem: AgentError?

    init(_ object: JSONObject) { self.object = object }

    /// Remembers what is wrong, unless something was wrong before.
    mutating func report(_ error: AgentError) {
        if problem == nil { problem = error }
    }

    /// Throws the first thing that was wrong.
    func check() throws(AgentError) {
        if let problem { throw problem }
    }

    /// The value of a parameter that must be there.
    func required<Value>(_ name: String, _ value: Value?) throws(AgentError) -> Value {
        try check()
        guard let value else { throw .invalid(name, "is required") }
        return value
    }

    /// A parameter as it stands.
    mutating func value(_ name: String) -> JSONValue? {
        known.append(name)
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    /// A text of at most `limit` bytes; `required` also refuses the empty one.
    mutating func text(_ name: String, limit: Int = .max, required: Bool = false) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { return wrong(name, "must be a string, not \(value.kind)") }
        guard text.utf8.count <= limit else { return wrong(name, "must not be longer than \(limit) bytes") }
        guard !required || !text.isEmpty else { return wrong(name, "must not be empty") }
        return text
    }

    /// An identifier.
    mutating func identifier<ID: Identifier>(_ name: String) -> ID? {
        guard let text = text(name) else { return nil }
        guard let identifier = ID(text) else {
            return wrong(name, "must be 1 to \(Limits.idBytes) characters of A-Z a-z 0-9 . _ : -")
        }
        return identifier
    }

    /// One word of a list.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> Choice? {
        guard let text = text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            return wrong(name, "must be one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    /// An integer of a range.
    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard let integer = value.int64, let number = Int(exactly: integer), range.contains(number) else {
            return wrong(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A truth value.
    mutating func boolean(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let boolean = value.bool else { return wrong(name, "must be true or false, not \(value.kind)") }
        return boolean
    }

    /// An object of at most `limit` bytes as JSON; some languages write an empty one as `[]`.
    mutating func object(_ name: String, limit: Int) -> JSONObject? {
        guard let value = value(name) else { return nil }
        let found: JSONObject? = value == .array([]) ? [:] : value.object
        guard let found else { return wrong(name, "must be an object, not \(value.kind)") }
        var writer = JSONWriter()
        writer.object(found)
        guard writer.bytes.count <= limit else { return wrong(name, "must not be longer than \(limit) bytes as JSON") }
        return found
    }

    /// A list of texts.
    mutating func texts(_ name: String) -> [String] {
        guard let value = value(name) else { return [] }
        let texts = value.array.map { $0.compactMap(\.string) }
        guard let texts, texts.count == value.array?.count else {
            report(.invalid(name, "must be an array of strings"))
            return []
        }
        return texts
    }

    /// The client's own name for the command.
    mutating func frameID(_ name: String) -> FrameID? {
        guard let value = value(name) else { return nil }
        guard let id = FrameID(value) else {
            return wrong(name, "must be a string of at most \(Limits.idBytes) bytes or an integer below 2^53")
        }
        return id
    }

    /// Parameters of the contract that are not built: harmless while they are absent.
    mutating func unsupported(_ names: String...) {
        for name in names where value(name) != nil { report(.unsupported(field: name)) }
    }

    private mutating func wrong<Value>(_ name: String, _ reason: String) -> Value? {
        report(.invalid(name, reason))
        return nil
    }

    /// Names that nobody asked for, with a guess at what was meant; bounded, like everything a client may send.
    var warnings: [String] {
        var warnings: [String] = []
        for member in object.members where !known.contains(where: { $0.hasSameBytes(as: member.name) }) {
            guard warnings.count < Limits.warnings - 1 else {
                warnings.append("more unknown fields")
                break
            }
            let hint = Nearest.field(to: member.name, among: known)
            let shown = ClippedText(member.name, limit: Limits.idBytes).text
            warnings.append("unknown field \(shown)" + (hint.map { "; did you mean \($0)?" } ?? ""))
        }
        return warnings
    }
}
