internal import CSQLite

/// Every pragma that the ledger relies on, applied in one place and read back.
///
/// A library between us and SQLite, or a build option of SQLite, may quietly change a setting; a daemon that promises
/// durability refuses to start on a difference.
enum Pragmas {
    private struct Setting {
        let name: String
        let value: String
        let expected: String
    }

    /// Marks the file as ours: "agnt" in ASCII.
    static let applicationID: Int64 = 0x6167_6E74

    /// Of the one connection that writes.
    private static let writer = [
        // Before the first page is written: what is freed goes back to the file system, a little at a time.
        Setting(name: "auto_vacuum", value: "INCREMENTAL", expected: "2"),
        Setting(name: "journal_mode", value: "WAL", expected: "wal"),
        Setting(name: "synchronous", value: "FULL", expected: "2"),
        // Checkpoints are our own, on the writer thread: inside a commit they would stop the loop for milliseconds.
        Setting(name: "wal_autocheckpoint", value: "0", expected: "0"),
        // Deleted bytes are overwritten, not only unlinked.
        Setting(name: "secure_delete", value: "ON", expected: "1"),
        // 128 GiB: see `PageScrubber`.
        Setting(
            name: "max_page_count", value: "\(PageScrubber.pagesAtMost)", expected: "\(PageScrubber.pagesAtMost)"),
        Setting(name: "mmap_size", value: "0", expected: "0"),
        Setting(name: "temp_store", value: "MEMORY", expected: "2"),
        Setting(name: "cache_size", value: "-2048", expected: "-2048"),
        Setting(name: "trusted_schema", value: "OFF", expected: "0"),
    ]

    /// Of a connection that reads: a few pages at a time, each page once.
    private static let reader = [
        Setting(name: "query_only", value: "ON", expected: "1"),
        Setting(name: "mmap_size", value: "0", expected: "0"),
        Setting(name: "temp_store", value: "MEMORY", expected: "2"),
        Setting(name: "cache_size", value: "-2048", expected: "-2048"),
        Setting(name: "trusted_schema", value: "OFF", expected: "0"),
    ]

    /// Sets up a connection.
    static func apply(to connection: Connection, isReader: Bool) throws(StoreError) {
        for setting in isReader ? reader : writer {
            try connection.execute("PRAGMA \(setting.name) = \(setting.value)")
            let found = try connection.prepare("PRAGMA \(setting.name)").first { $0.text(0) ?? "" }
            guard found == setting.expected else {
                throw StoreError(
                    "PRAGMA \(setting.name)", code: SQLITE_ERROR,
                    message: "is \(found ?? "nothing") after setting it to \(setting.value)")
            }
        }
    }
}
