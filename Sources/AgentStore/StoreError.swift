internal import AgentProtocol
internal import CSQLite

/// What SQLite, or a row that makes no sense, had to say.
public struct StoreError: Error, CustomStringConvertible, Sendable {
    /// What was being done.
    public let operation: String
    /// SQLite's extended result code.
    public let code: Int32
    /// SQLite's own words, or ours for a row that cannot be read.
    public let message: String

    init(_ operation: String, code: Int32, message: String) {
        self.operation = operation
        self.code = code
        self.message = message
    }

    /// A row holds something that this version does not understand; it is never read as something else.
    static func unreadable(_ what: String) -> StoreError {
        StoreError("read", code: SQLITE_CORRUPT, message: "a row has an unreadable \(what)")
    }

    /// One line for logs and for people.
    public var description: String { "\(operation): \(message) (SQLite code \(code))" }

    /// What a client is told.
    var reply: AgentError { AgentError(.storageError, "the ledger cannot be read: \(message)") }
}
