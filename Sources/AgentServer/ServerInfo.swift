/// What `hello` tells that no room below the roof knows.
public struct ServerInfo {
    /// The daemon's name and version.
    public var server: String
    /// How long commits take, at the 99th percentile, in milliseconds; nil before the first.
    public var commitP99Milliseconds: () -> Double?

    /// Facts with everything said.
    public init(server: String, commitP99Milliseconds: @escaping () -> Double?) {
        self.server = server
        self.commitP99Milliseconds = commitP99Milliseconds
    }
}
