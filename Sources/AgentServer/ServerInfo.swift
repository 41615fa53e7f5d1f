/// What `hello` tells that no room below the roof knows.
public struct ServerInfo {
    /// The daemon's name and version.
    public var server: String
    /// How long commits take, at the 99th percentile, in milliseconds; nil before the first.
    public var commitP99Milliseconds: () -> Double?
    /// What the storage last failed with, after the time when it did; nil when it never did.
    public var lastStorageError: () -> String?

    /// Facts with everything said.
    public init(
        server: String, commitP99Milliseconds: @escaping () -> Double?, lastStorageError: @escaping () -> String?
    ) {
        self.server = server
        self.commitP99Milliseconds = commitP99Milliseconds
        self.lastStorageError = lastStorageError
    }
}
