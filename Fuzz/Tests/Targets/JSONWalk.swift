import AgentProtocol

/// Builds the value that a cursor walks over, and notes how it saw the strings and numbers on its way.
struct JSONWalk {
    /// Names and strings in the order in which they stand; valid as long as the text is.
    private(set) var strings: [JSONCursor.Slice] = []
    private(set) var numbers: [(number: JSONNumber, integer: Int64?, double: Double?)] = []

    mutating func read(_ text: UnsafeRawBufferPointer) -> Result<JSONValue, JSONError> {
        do throws(JSONError) {
            var cursor = JSONCursor(text)
            let value = try value(&cursor)
            try cursor.finish()
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private mutating func value(_ cursor: inout JSONCursor) throws(JSONError) -> JSONValue {
        switch cursor.kind {
        case .object: return .object(try object(&cursor))
        case .array:
            _ = try cursor.enterArray()
            var elements: [JSONValue] = []
            while try cursor.nextElement() { elements.append(try value(&cursor)) }
            return .array(elements)
        case .string:
            guard let slice = try cursor.string() else { return .null }
            strings.append(slice)
            return .string(slice.string)
        case .number: return try number(&cursor)
        case .boolean: return .bool(try cursor.boolean() ?? false)
        case .null, nil: return try cursor.value()
        }
    }

    private mutating func object(_ cursor: inout JSONCursor) throws(JSONError) -> JSONObject {
        _ = try cursor.enterObject()
        var object = JSONObject()
        while try cursor.nextMember() {
            strings.append(cursor.key)
            object.append(cursor.key.string, try value(&cursor))
        }
        return object
    }

    private mutating func number(_ cursor: inout JSONCursor) throws(JSONError) -> JSONValue {
        var (first, second) = (cursor, cursor)
        let value = try cursor.value()
        if case .number(let number) = value { numbers.append((number, try first.integer(), try second.double())) }
        return value
    }
}
