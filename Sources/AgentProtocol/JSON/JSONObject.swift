/// The members of a JSON object, in the order in which they came.
public struct JSONObject: Equatable, Sendable {
    /// One name and its value.
    public struct Member: Equatable, Sendable {
        /// The member's name.
        public let name: String
        /// The member's value.
        public let value: JSONValue

        /// A member with everything said.
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Every member, in order; no name occurs twice.
    public private(set) var members: [Member]

    /// An object without members.
    public init() { members = [] }

    /// Takes members whose names the reader has found to differ.
    init(checked members: [Member]) { self.members = members }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The value of a member; the search is linear, which suits the few members of a frame.
    public subscript(name: String) -> JSONValue? {
        members.first { $0.name.hasSameBytes(as: name) }?.value
    }

    /// Adds a member whose name is known to be new.
    public mutating func append(_ name: String, _ value: JSONValue) {
        members.append(Member(name: name, value: value))
    }

    /// Gives a member its value, at its old place if there is one, else at the end.
    public mutating func set(_ name: String, _ value: JSONValue) {
        let member = Member(name: name, value: value)
        if let index = members.firstIndex(where: { $0.name.hasSameBytes(as: name) }) {
            members[index] = member
        } else {
            members.append(member)
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object as it stands in our own code; a repeated name keeps its last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        members = []
        for (name, value) in elements { set(name, value) }
    }
}

extension String {
    /// Whether two names are the same on the wire. Swift's own `==` also equates texts that differ in bytes but look
    /// alike (é as one scalar or as two), and its normalization is slow on hostile names.
    func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
