/// What `hello` tells that no room below the roof knows.
public struct ServerInfo {
    /// The daemon's name and version.
    public var server: String
    /// How long commits take, at the 99th percentile, in milliseconds; nil before the first.
    public var commitP99Milliseconds: () -> Double?
    /// What the storage last failed with, after the time when it did; nil when it never did.
    public var lastStorageError: () -> String?
    /// The size of the ledger's log, in bytes.
    public var logBytes: () -> Int
    /// Why the last reload of the configuration failed, after the time when it did; nil when it did not.
    public var lastReloadError: () -> String?

    /// Facts with everything said.
    public init(
        server: String, commitP99Milliseconds: @escaping () -> Double? = { nil },
        lastStorageError: @escaping () -> String? = { nil }, logBytes: @escaping () -> Int = { 0 },
        lastReloadError: @escaping () -> String? = { nil }
    ) {
        self.server = server
        self.commitP99Milliseconds = commitP99Milliseconds
        self.lastStorageError = lastStorageError
        self.logBytes = logBytes
        self.lastReloadError = lastReloadError
    }
}
