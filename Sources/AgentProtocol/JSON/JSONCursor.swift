/// Walks over one JSON text without building anything: what is not asked for is checked and passed by.
///
/// As strict as `JSONReader` in grammar, nesting and the length of numbers, with two differences. A repeated name is
/// not noticed, because names are not kept: the caller decides which one counts. And a string that is not valid UTF-8
/// or holds a lone surrogate is handed out with a mark instead of refused: `TextStream` mends text, `Unescaper` keeps
/// it broken for those who must refuse it.
///
/// A container that is entered must be walked to its end: until `nextMember` or `nextElement` says false. A value that
/// is not taken is passed by.
public struct JSONCursor {
    let bytes: UnsafeRawBufferPointer
    let depth: Int
    var index = 0
    /// Levels that may still be opened.
    var room: Int
    /// Whether the value that begins at `index` has not been taken yet.
    var awaitsValue = true
    /// Whether a container has been entered and nothing of it read.
    var isFresh = false
    /// The name of the member that `nextMember` has reached.
    public internal(set) var key = Slice(bytes: UnsafeRawBufferPointer(start: nil, count: 0), form: .plain)

    /// Deepest nesting that can be asked for: one bit each while a value is passed by.
    static let maxDepth = 64

    /// A cursor before the one value of a text; `depth` is at most 64.
    public init(_ bytes: UnsafeRawBufferPointer, depth: Int = Limits.jsonDepth) {
        self.bytes = bytes
        self.depth = min(depth, Self.maxDepth)
        room = self.depth
        skipSpace()
    }

    /// The kind of the value that is next.
    public enum Kind: Equatable, Sendable {
        case null, boolean, number, string, array, object
    }

    /// The kind of the value that is next, as its first byte tells; nil when no value begins here.
    public var kind: Kind? {
        guard awaitsValue, index < bytes.count else { return nil }
        switch bytes[index] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        default: return nil
        }
    }

    /// Steps into an object; false, and nothing taken, when the value is none.
    public mutating func enterObject() throws(JSONError) -> Bool { try enter(UInt8(ascii: "{")) }

    /// Steps into an array; false, and nothing taken, when the value is none.
    public mutating func enterArray() throws(JSONError) -> Bool { try enter(UInt8(ascii: "[")) }

    private mutating func enter(_ bracket: UInt8) throws(JSONError) -> Bool {
        guard awaitsValue, index < bytes.count, bytes[index] == bracket else { return false }
        guard room > 0 else { throw tooDeep() }
        room -= 1
        index += 1
        awaitsValue = false
        isFresh = true
        return true
    }

    /// Goes to the next member of the object that was entered last; false at its end.
    public mutating func nextMember() throws(JSONError) -> Bool {
        guard try next(before: UInt8(ascii: "}")) else { return false }
        key = try memberName()
        awaitsValue = true
        return true
    }

    /// Goes to the next element of the array that was entered last; false at its end.
    public mutating func nextElement() throws(JSONError) -> Bool {
        guard try next(before: UInt8(ascii: "]")) else { return false }
        awaitsValue = true
        return true
    }

    /// Goes over the comma that is due, or the bracket that closes.
    private mutating func next(before bracket: UInt8) throws(JSONError) -> Bool {
        if awaitsValue { try skip() }
        skipSpace()
        guard index < bytes.count else { throw failure("a text has no end") }
        if bytes[index] == bracket {
            index += 1
            room += 1
            isFresh = false
            return false
        }
        guard !isFresh else {
            isFresh = false
            return true
        }
        guard bytes[index] == UInt8(ascii: ",") else { throw failure("a comma or bracket is missing") }
        index += 1
        skipSpace()
        return true
    }

    /// Whether the name of the member is this one.
    @inlinable
    public func isKey(_ name: StaticString) -> Bool { key.equals(name) }

    /// Makes sure that nothing but white space is left.
    public mutating func finish() throws(JSONError) {
        if awaitsValue { try skip() }
        skipSpace()
        guard index == bytes.count, room == depth else { throw failure("something follows the value") }
    }
}
