internal import CSQLite
internal import Glibc

/// A look at a ledger from outside, beside the daemon that has it: reads only, and no lock that a commit waits for.
public struct LedgerInspection: Sendable {
    /// Bytes of the file.
    public let bytes: Int64
    /// Bytes of the log that is not yet in the file.
    public let logBytes: Int64
    /// How long it took to look through all of it.
    public let duration: Duration

    /// Looks through the whole ledger at a path.
    ///
    /// - Throws: `StoreError`, whose kind is `damaged` where something is wrong with the file.
    public init(path: String) throws(StoreError) {
        duration = try QuickCheck.look(path)
        bytes = Self.size(path)
        logBytes = Self.size(path + "-wal")
    }

    /// The version of the SQLite that is used.
    public static var libraryVersion: String { String(cString: sqlite3_libversion()) }

    private static func size(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
