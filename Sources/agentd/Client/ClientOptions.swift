import AgentSystem
import ArgumentParser
import Glibc

/// What every command that talks to a running daemon takes.
struct ClientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the daemon listens.", valueName: "path"))
    var socket: String?

    /// Connects to the daemon that is meant.
    func connect() throws(ClientFailure) -> SocketClient {
        let variables = ProcessEnvironment.variables
        let path = StandardPaths.clientSocket(flag: socket, environment: variables) { access($0, F_OK) == 0 }
        return try SocketClient(path: path)
    }
}
