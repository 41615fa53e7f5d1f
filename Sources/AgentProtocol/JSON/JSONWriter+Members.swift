extension JSONWriter {
    /// Writes a member that is a text, or null.
    public mutating func member(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    /// Writes a member that is an integer, or null.
    public mutating func member(_ name: StaticString, _ value: Int64?) {
        key(name)
        if let value { integer(value) } else { null() }
    }

    /// Writes a member that is a number with a fraction, or null.
    @_disfavoredOverload
    public mutating func member(_ name: StaticString, _ value: Double?) {
        key(name)
        if let value { double(value) } else { null() }
    }

    /// Writes a member that is a truth value, or null.
    public mutating func member(_ name: StaticString, _ value: Bool?) {
        key(name)
        if let value { boolean(value) } else { null() }
    }

    /// Writes a member that is a value we only carry, or null.
    public mutating func member(_ name: StaticString, _ value: JSONValue?) {
        key(name)
        if let value { self.value(value) } else { null() }
    }

    /// Writes a member that is a moment, in milliseconds since 1970, or null.
    public mutating func member(_ name: StaticString, _ value: Timestamp?) {
        member(name, value?.milliseconds)
    }

    /// Writes a member that is an identifier, or null.
    public mutating func member(_ name: StaticString, _ value: (some Identifier)?) {
        member(name, value?.text)
    }
}
