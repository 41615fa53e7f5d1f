import ArgumentParser

/// `agentd socket`: says where the clients' commands connect.
struct SocketCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "socket",
        abstract: "Print the path of the daemon's socket.",
        discussion: """
            EXAMPLES
              agentd socket
              echo '{"cmd":"list"}' | socat - UNIX-CONNECT:"$(agentd socket)" | jq .

            It is the path that every other command here would connect to, whether a daemon listens there or not: \
            --socket, else AGENTD_SOCKET, else the first that exists of the user's and the system's.

            Exit codes: 0; 64 usage.
            """)

    @OptionGroup var client: ClientOptions

    func run() { Terminal.output.write(client.path + "\n") }
}
