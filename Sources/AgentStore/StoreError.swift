internal import AgentProtocol
internal import CSQLite
internal import Glibc

/// What SQLite, or a row that makes no sense, had to say.
public struct StoreError: Error, CustomStringConvertible, Sendable {
    /// What an error means for the ledger's life.
    public enum Kind: Equatable, Sendable {
        /// There is no space; the same may succeed once there is.
        case full
        /// Somebody else holds the file.
        case busy
        /// Data could not be forced to the disk. What the system holds is unknown then, and a second try may lie.
        case unsynced
        /// The file is not what it was when it was written, or no ledger at all.
        case damaged
        /// It was given up.
        case interrupted
        /// Anything else.
        case other
    }

    /// What was being done.
    public let operation: String
    /// SQLite's extended result code.
    public let code: Int32
    /// SQLite's own words, or ours for a row that cannot be read.
    public let message: String
    /// The operating system's number for an error of input or output; 0 where SQLite had none.
    public let systemCode: Int32

    init(_ operation: String, code: Int32, message: String, systemCode: Int32 = 0) {
        self.operation = operation
        self.code = code
        self.message = message
        self.systemCode = systemCode
    }

    /// The error of the call that failed just now on a connection.
    init(_ operation: String, code: Int32, on connection: OpaquePointer) {
        self.init(
            operation, code: code, message: String(cString: sqlite3_errmsg(connection)),
            systemCode: [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xFF) ? sqlite3_system_errno(connection) : 0)
    }

    /// A row holds something that this version does not understand; it is never read as something else.
    static func unreadable(_ what: String) -> StoreError {
        StoreError("read", code: SQLITE_CORRUPT, message: "a row has an unreadable \(what)")
    }

    /// What it means. A sync that failed is one whatever the reason: it is never tried again.
    public var kind: Kind {
        if agentd_sqlite_is_sync_failure(code) != 0 { return .unsynced }
        switch code & 0xFF {
        case SQLITE_FULL: return .full
        case SQLITE_IOERR, SQLITE_CANTOPEN: return [ENOSPC, EDQUOT].contains(systemCode) ? .full : .other
        case SQLITE_BUSY: return .busy
        case SQLITE_INTERRUPT: return .interrupted
        case SQLITE_CORRUPT, SQLITE_NOTADB: return .damaged
        default: return .other
        }
    }

    /// One line for logs and for people.
    public var description: String { "\(operation): \(message) (SQLite code \(code)\(systemReason))" }

    private var systemReason: String { systemCode == 0 ? "" : ", \(String(cString: strerror(systemCode)))" }

    /// What a client is told.
    var reply: AgentError { AgentError(.storageError, "the ledger cannot be read: \(message)") }
}
