/// An identifier as it stands on the wire: 1 to 128 bytes of `A-Z a-z 0-9 . _ : -`.
///
/// Each kind has its own type, so that a session id cannot be handed to something that wants a run id.
public protocol Identifier: Hashable, Sendable, CustomStringConvertible {
    /// The identifier's text.
    var text: String { get }

    /// Takes a text that is known to be valid: one of our own making, or one read back from the ledger.
    init(trusted text: String)
}

extension Identifier {
    /// Takes a text from outside; nil when it is empty, too long, or has another character than those allowed.
    public init?(_ text: String) {
        guard Limits.isIdentifier(text) else { return nil }
        self.init(trusted: text)
    }

    /// The identifier's text.
    public var description: String { text }
}

extension Limits {
    /// Whether a text may serve as an identifier.
    static func isIdentifier(_ text: String) -> Bool {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= idBytes else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}

/// Names one run: one question to an agent and all that came of it.
public struct RunID: Identifier {
    /// The identifier's text.
    public let text: String

    /// Takes a text that is known to be valid.
    public init(trusted text: String) { self.text = text }
}

/// Names one conversation.
public struct SessionID: Identifier {
    /// The identifier's text.
    public let text: String

    /// Takes a text that is known to be valid.
    public init(trusted text: String) { self.text = text }
}

/// Names a user of the host application; to us it is only a scope.
public struct UserID: Identifier {
    /// The identifier's text.
    public let text: String

    /// Takes a text that is known to be valid.
    public init(trusted text: String) { self.text = text }
}

/// Names one message of a session.
public struct MessageID: Identifier {
    /// The identifier's text.
    public let text: String

    /// Takes a text that is known to be valid.
    public init(trusted text: String) { self.text = text }
}

/// Names one tool call of a run.
public struct ToolCallID: Identifier {
    /// The identifier's text.
    public let text: String

    /// Takes a text that is known to be valid.
    public init(trusted text: String) { self.text = text }
}

/// Names an agent of the configuration.
public struct AgentName: Identifier {
    /// The identifier's text.
    public let text: String

    /// Takes a text that is known to be valid.
    public init(trusted text: String) { self.text = text }
}
