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
        if let path = flag ?? value("AGENTD_SOCKET", environment) ?? configured { return path }
        if let directory = managed("RUNTIME_DIRECTORY", environment) { return "\(directory)/agentd.sock" }
        if let path = userSocket(environment) { return path }
        if isRoot { return systemSocket }
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
        if let path = flag ?? value("AGENTD_STATE_DIR", environment) { return path }
        if let directory = managed("STATE_DIRECTORY", environment) { return directory }
        if let directory = absolute("XDG_STATE_HOME", environment) { return "\(directory)/agentd" }
        if let home = absolute("HOME", environment) { return "\(home)/.local/state/agentd" }
        throw .stateDirectory
    }

    /// The configuration to read: flag, `AGENTD_CONFIG`, then the first that exists of the user's and the system's;
    /// nil when there is none. A path that was asked for is returned whether it exists or not.
    public static func configFile(
        flag: String?, environment: [String: String], exists: (String) -> Bool
    ) -> String? {
        if let path = flag ?? value("AGENTD_CONFIG", environment) { return path }
        let home =
            absolute("XDG_CONFIG_HOME", environment) ?? absolute("HOME", environment).map { "\($0)/.config" }
        let candidates = [home.map { "\($0)/agentd/agentd.toml" }, systemConfiguration]
        return candidates.compactMap { $0 }.first(where: exists)
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
