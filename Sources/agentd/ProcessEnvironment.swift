#if canImport(Glibc)
import Glibc
#endif

/// The variables of this process's environment that mean something to us.
enum ProcessEnvironment {
    private static let names = [
        "AGENTD_CONFIG", "AGENTD_SOCKET", "AGENTD_STATE_DIR", "CREDENTIALS_DIRECTORY", "HOME", "LISTEN_FDS",
        "LISTEN_PID",
        "NOTIFY_SOCKET", "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "WATCHDOG_PID", "WATCHDOG_USEC", "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR", "XDG_STATE_HOME",
    ]

    /// Those that are set.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        for name in names { variables[name] = getenv(name).map { String(cString: $0) } }
        return variables
    }
}
