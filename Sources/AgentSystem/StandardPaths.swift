/// Where things are when nobody says so: pure functions of the command line, the environment and the configuration.
///
/// An empty variable counts as unset. A relative XDG path is ignored, as the XDG base directory specification demands.
public enum StandardPaths {
    /// No place could be derived; the message names the option that sets one.
    public enum Undetermined: Error, Sendable, CustomStringConvertible {
        /// Where `serve` would listen.
        case socket
        /// Where the ledger would live.
        case stateDirectory

        /// One line for the operator.
        public var description: String {
            switch self {
            case .socket: "no place for the socket: say --socket PATH, or set XDG_RUNTIME_DIR"
            case .stateDirectory: "no place for the state: say --state-dir PATH, or set XDG_STATE_HOME or HOME"
            }
        }
    }

    /// A path, and who has said it.
    public struct Choice: Equatable, Sendable {
        /// The path.
        public let path: String
        /// Who has said it.
        public let source: Source

        /// A choice with everything said.
        public init(path: String, source: Source) {
            self.path = path
            self.source = source
        }
    }

    /// Who says where something is.
    public enum Source: Equatable, Sendable {
        /// The command line.
        case flag
        /// This variable of the environment.
        case variable(String)
        /// The configuration.
        case configured
        /// Nobody: it is the system's place.
        case system
    }

    /// The socket of a system-wide daemon.
    public static let systemSocket = "/run/agentd/agentd.sock"

    /// The configuration of a system-wide daemon.
    public static let systemConfiguration = "/etc/agentd/agentd.toml"

    /// Where `serve` listens: flag, `AGENTD_SOCKET`, configuration, `RUNTIME_DIRECTORY`, `XDG_RUNTIME_DIR`, and for
    /// root the system's path.
    ///
    /// - Throws: `Undetermined` when none of them says it.
    public static func serveSocket(
        flag: String?, environment: [String: String], configured: String?, isRoot: Bool
    ) throws(Undetermined) -> String {
        try chooseServeSocket(flag: flag, environment: environment, configured: configured, isRoot: isRoot).path
    }

    /// The same, and who says it.
    public static func chooseServeSocket(
        flag: String?, environment: [String: String], configured: String?, isRoot: Bool
    ) throws(Undetermined) -> Choice {
        if let flag { return Choice(path: flag, source: .flag) }
        if let path = value("AGENTD_SOCKET", environment) {
            return Choice(path: path, source: .variable("AGENTD_SOCKET"))
        }
        if let configured { return Choice(path: configured, source: .configured) }
        if let directory = managed("RUNTIME_DIRECTORY", environment) {
            return Choice(path: "\(directory)/agentd.sock", source: .variable("RUNTIME_DIRECTORY"))
        }
        if let path = userSocket(environment) { return Choice(path: path, source: .variable("XDG_RUNTIME_DIR")) }
        if isRoot { return Choice(path: systemSocket, source: .system) }
        throw .socket
    }

    /// Where a client connects: flag, `AGENTD_SOCKET`, then the first that exists of the user's and the system's path.
    ///
    /// With neither there, the user's path if there can be one, so that the message of the failed connection names
    /// the place where a daemon would have been.
    public static func clientSocket(
        flag: String?, environment: [String: String], exists: (String) -> Bool
    ) -> String {
        if let path = flag ?? value("AGENTD_SOCKET", environment) { return path }
        guard let path = userSocket(environment) else { return systemSocket }
        return !exists(path) && exists(systemSocket) ? systemSocket : path
    }

    /// Where the ledger lives: flag, `AGENTD_STATE_DIR`, `STATE_DIRECTORY`, `XDG_STATE_HOME`, `HOME`.
    ///
    /// - Throws: `Undetermined` when none of them says it.
    public static func stateDirectory(
        flag: String?, environment: [String: String]
    ) throws(Undetermined) -> String {
        try chooseStateDirectory(flag: flag, environment: environment).path
    }

    /// The same, and who says it.
    public static func chooseStateDirectory(
        flag: String?, environment: [String: String]
    ) throws(Undetermined) -> Choice {
        if let flag { return Choice(path: flag, source: .flag) }
        if let path = value("AGENTD_STATE_DIR", environment) {
            return Choice(path: path, source: .variable("AGENTD_STATE_DIR"))
        }
        if let directory = managed("STATE_DIRECTORY", environment) {
            return Choice(path: directory, source: .variable("STATE_DIRECTORY"))
        }
        if let directory = absolute("XDG_STATE_HOME", environment) {
            return Choice(path: "\(directory)/agentd", source: .variable("XDG_STATE_HOME"))
        }
        if let home = absolute("HOME", environment) {
            return Choice(path: "\(home)/.local/state/agentd", source: .variable("HOME"))
        }
        throw .stateDirectory
    }

    /// The configuration to read: flag, `AGENTD_CONFIG`, then the first that exists of the user's and the system's;
    /// nil when there is none. A path that was asked for is returned whether it exists or not.
    public static func configFile(
        flag: String?, environment: [String: String], exists: (String) -> Bool
    ) -> String? {
        chooseConfigFile(flag: flag, environment: environment, exists: exists)?.path
    }

    /// The same, and who says it.
    public static func chooseConfigFile(
        flag: String?, environment: [String: String], exists: (String) -> Bool
    ) -> Choice? {
        if let flag { return Choice(path: flag, source: .flag) }
        if let path = value("AGENTD_CONFIG", environment) {
            return Choice(path: path, source: .variable("AGENTD_CONFIG"))
        }
        var candidates = [Choice(path: systemConfiguration, source: .system)]
        if let home = absolute("XDG_CONFIG_HOME", environment) {
            candidates.insert(Choice(path: "\(home)/agentd/agentd.toml", source: .variable("XDG_CONFIG_HOME")), at: 0)
        } else if let home = absolute("HOME", environment) {
            candidates.insert(Choice(path: "\(home)/.config/agentd/agentd.toml", source: .variable("HOME")), at: 0)
        }
        return candidates.first { exists($0.path) }
    }

    private static func userSocket(_ environment: [String: String]) -> String? {
        absolute("XDG_RUNTIME_DIR", environment).map { "\($0)/agentd/agentd.sock" }
    }

    private static func value(_ name: String, _ environment: [String: String]) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func absolute(_ name: String, _ environment: [String: String]) -> String? {
        value(name, environment).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    /// A directory that the service manager made; it lists several with colons, the first is the main one.
    private static func managed(_ name: String, _ environment: [String: String]) -> String? {
        value(name, environment)?.split(separator: ":").first.map(String.init)
    }
}
