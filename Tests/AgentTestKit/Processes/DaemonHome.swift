/// A directory with everything of one daemon: configuration, agents and their scripts, socket, state, log.
///
/// It outlives the daemon: the next one started in it finds what the last one left.
public final class DaemonHome {
    /// The directory.
    public let directory: TemporaryDirectory
    /// The configuration to start with; nil for none.
    public var config: String?

    /// A home with nothing in it.
    public init() throws(TestFailure) {
        directory = try TemporaryDirectory()
    }

    /// A home that uses a configuration which stands elsewhere.
    public convenience init(config: String) throws(TestFailure) {
        try self.init()
        self.config = config
    }

    /// Where the daemon listens.
    public var socket: String { directory.file("agentd.sock") }
    /// Where it keeps its state.
    public var state: String { directory.file("state") }
    /// The ledger in it.
    public var database: String { state + "/agentd.db" }
    /// What the daemon says on standard error.
    public var log: String { directory.file("log") }

    /// Writes the main file of a configuration of its own.
    public func configure(_ text: String) throws(TestFailure) {
        try directory.write("agentd.toml", text)
        config = directory.file("agentd.toml")
    }

    /// Adds an agent that plays a script, given as its JSON.
    public func addAgent(_ name: String, script: String, settings: String = "") throws(TestFailure) {
        try directory.makeDirectory("agents.d")
        try directory.makeDirectory("scripts")
        try directory.write("agents.d/\(name).toml", "model = \"script/\(name)\"\n\(settings)\n")
        try directory.write("scripts/\(name).json", script)
    }
}
