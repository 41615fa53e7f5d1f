/// Writes JSON straight into bytes: frames and ledger rows are built with it.
///
/// Commas are put by themselves. Every value is appended whole, so the last byte tells whether one is due.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public var bytes: [UInt8]

    /// A writer with room for a frame of the usual size.
    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Opens an object.
    public mutating func beginObject() {
        comma()
        bytes.append(UInt8(ascii: "{"))
    }

    /// Closes an object.
    public mutating func endObject() { bytes.append(UInt8(ascii: "}")) }

    /// Opens an array.
    public mutating func beginArray() {
        comma()
        bytes.append(UInt8(ascii: "["))
    }

    /// Closes an array.
    public mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    /// Writes a member's name, one of our own that needs no escaping.
    public mutating func key(_ name: StaticString) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a member's name that came from outside.
    @_disfavoredOverload
    public mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a text.
    public mutating func string(_ text: String) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        JSONEscaping.append(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a text whose content has been escaped before; the quotes are added.
    public mutating func escaped(_ content: UnsafeRawBufferPointer) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: content)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes an integer.
    public mutating func integer(_ value: Int64) {
        comma()
        appendDigits(of: value)
    }

    /// Writes a number in the shortest form that reads back as the same; what JSON cannot say becomes null.
    public mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        comma()
        bytes.append(contentsOf: value.description.utf8)
    }

    /// Writes `true` or `false`.
    public mutating func boolean(_ value: Bool) {
        comma()
        appendLiteral(value ? "true" : "false")
    }

    /// Writes `null`.
    public mutating func null() {
        comma()
        appendLiteral("null")
    }

    /// Writes a value; its numbers stand as they were read.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): boolean(value)
        case .number(let number):
            comma()
            bytes.append(contentsOf: number.text.utf8)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object): self.object(object)
        }
    }

    /// Writes the bytes of a value that is known to be valid JSON.
    public mutating func raw(_ json: some Collection<UInt8>) {
        comma()
        bytes.append(contentsOf: json)
    }

    /// Writes an object.
    mutating func object(_ object: JSONObject) {
        beginObject()
        members(object)
        endObject()
    }

    /// Writes the members of an object into the one that is open.
    mutating func members(_ object: JSONObject) {
        for member in object.members {
            key(member.name)
            value(member.value)
        }
    }

    /// Puts the comma that is due between two values. After a line end a new frame begins.
    private mutating func comma() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "\n"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    private mutating func appendLiteral(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func appendDigits(of value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        digits.span.withUnsafeBytes { bytes.append(contentsOf: $0[first...]) }
    }
}
