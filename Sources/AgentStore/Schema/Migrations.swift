internal import CSQLite

/// The schema's history: numbered steps, each in one transaction, none ever changed after a release.
enum Migrations {
    /// Step n brings a file from version n - 1 to version n.
    private static let steps = [Migration001.sql]

    /// The version that this daemon reads and writes.
    static var current: Int64 { Int64(steps.count) }

    /// Refuses a file of another program, or of a newer daemon, before anything in it is changed.
    static func check(_ connection: Connection) throws(StoreError) {
        let version = try number("PRAGMA user_version", on: connection)
        let owner = try number("PRAGMA application_id", on: connection)
        // Most programs do not mark their files: what is not marked as ours must be empty.
        let isEmpty = try number("SELECT count(*) FROM sqlite_master", on: connection) == 0
        guard owner == Pragmas.applicationID || (owner == 0 && version == 0 && isEmpty) else {
            throw StoreError("open", code: SQLITE_NOTADB, message: "the database belongs to another program")
        }
        guard version >= 0 else {
            throw StoreError("migrate", code: SQLITE_CORRUPT, message: "the database has version \(version)")
        }
        guard version <= current else {
            throw StoreError(
                "migrate", code: SQLITE_SCHEMA,
                message: "the database has version \(version), this daemon knows \(current): a newer agentd wrote it")
        }
    }

    /// Brings a checked file up to date.
    static func run(on connection: Connection) throws(StoreError) {
        let version = try number("PRAGMA user_version", on: connection)
        for (index, sql) in steps.enumerated().dropFirst(Int(version)) {
            try connection.transaction { () throws(StoreError) in
                try connection.execute(sql)
                try connection.execute("PRAGMA application_id = \(Pragmas.applicationID)")
                try connection.execute("PRAGMA user_version = \(index + 1)")
            }
        }
    }

    private static func number(_ sql: String, on connection: Connection) throws(StoreError) -> Int64 {
        try connection.prepare(sql).first { $0.integer(0) ?? 0 } ?? 0
    }
}
