import AgentProtocol
import AgentSystem
import ArgumentParser
import Glibc

/// What every command that talks to a running daemon takes.
struct ClientOptions: ParsableArguments {
    /// How long a daemon may take to say how it is.
    static let patience = Duration.seconds(5)

    @Option(
        help: ArgumentHelp(
            "Where the daemon listens; else AGENTD_SOCKET, else the user's place, else the system's.",
            valueName: "path"))
    var socket: String?

    /// Where the daemon that is meant listens, or would.
    var path: String {
        StandardPaths.clientSocket(flag: socket, environment: ProcessEnvironment.variables) { access($0, F_OK) == 0 }
    }

    /// Connects to it.
    func connect() throws(ClientFailure) -> SocketClient { try SocketClient(path: path) }

    /// Sends one command over a connection of its own; returns its reply.
    func ask(
        _ command: JSONObject, until deadline: ContinuousClock.Instant? = nil
    ) throws(ClientFailure) -> ClientFrame {
        try connect().ask(command, until: deadline)
    }
}
