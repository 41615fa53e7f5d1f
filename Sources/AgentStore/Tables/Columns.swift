import AgentProtocol

/// Columns as the vocabulary's types. What cannot be understood is an error, never a default.
extension Statement {
    func identifier<Name: Identifier>(_ column: Int32) -> Name? { text(column).map(Name.init(trusted:)) }

    func required<Name: Identifier>(_ column: Int32, _ what: String) throws(StoreError) -> Name {
        guard let name: Name = identifier(column) else { throw .unreadable(what) }
        return name
    }

    func text(_ column: Int32, _ what: String) throws(StoreError) -> String {
        guard let text = text(column) else { throw .unreadable(what) }
        return text
    }

    /// What all numbers that we count on from are far within: adding to one, or taking another away, does not overflow.
    private static let numbers = -(Int64(1) << 53)...(Int64(1) << 53)

    func number(_ column: Int32, _ what: String) throws(StoreError) -> Int64 {
        guard let number = try optionalNumber(column, what) else { throw .unreadable(what) }
        return number
    }

    /// Nil where the column is NULL.
    func optionalNumber(_ column: Int32, _ what: String) throws(StoreError) -> Int64? {
        guard let number = integer(column) else { return nil }
        guard isInteger(column), Self.numbers ~= number else { throw .unreadable(what) }
        return number
    }

    /// A place in a run's log, from 1 on.
    func seq(_ column: Int32) throws(StoreError) -> Int64 {
        let seq = try number(column, "seq")
        guard seq > 0 else { throw .unreadable("seq") }
        return seq
    }

    func flag(_ column: Int32, _ what: String) throws(StoreError) -> Bool {
        switch try number(column, what) {
        case 0: return false
        case 1: return true
        default: throw .unreadable(what)
        }
    }

    func time(_ column: Int32) throws(StoreError) -> Timestamp {
        Timestamp(milliseconds: try number(column, "time"))
    }

    /// Nil where the column is NULL.
    func optionalTime(_ column: Int32) throws(StoreError) -> Timestamp? {
        try optionalNumber(column, "time").map(Timestamp.init(milliseconds:))
    }

    /// A word out of a closed list; nil where the column is NULL.
    func optionalChoice<Choice: RawRepresentable<String>>(
        _ column: Int32, _ what: String
    ) throws(StoreError) -> Choice? {
        guard let word = text(column) else { return nil }
        guard let choice = Choice(rawValue: word) else { throw .unreadable(what) }
        return choice
    }

    func choice<Choice: RawRepresentable<String>>(_ column: Int32, _ what: String) throws(StoreError) -> Choice {
        guard let choice: Choice = try optionalChoice(column, what) else { throw .unreadable(what) }
        return choice
    }
}

/// Columns that hold JSON.
enum JSONColumn {
    /// A value as deep as the wire allows stands in our own rows a few levels deeper.
    private static let depth = Limits.jsonDepth + 8

    static func bytes(_ value: JSONValue?) -> [UInt8]? {
        guard let value else { return nil }
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }

    static func value(_ row: Statement, _ column: Int32, _ what: String) throws(StoreError) -> JSONValue? {
        guard let bytes = row.bytes(column) else { return nil }
        do throws(JSONError) { return try JSONReader.read(bytes, depth: depth) } catch { throw .unreadable(what) }
    }

    static func object(_ row: Statement, _ column: Int32, _ what: String) throws(StoreError) -> JSONObject? {
        guard let value = try value(row, column, what) else { return nil }
        guard let object = value.object else { throw .unreadable(what) }
        return object
    }
}
