import AgentSystem
import ArgumentParser
import Glibc

/// `agentd chat`: a conversation at the terminal.
struct ChatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with an agent at the terminal.",
        usage: "agentd chat [options]",
        discussion: """
            EXAMPLES
              agentd chat
              agentd chat --agent support
              agentd chat --session s1              goes on where it was left
              agentd chat < questions.txt           one question on each line

            Answers are shown as they come. Ctrl-C stops an answer and keeps the conversation; a second one leaves. \
            /help says what else can be typed. When the daemon is restarted, the chat waits for it and goes on.

            In a pipe each line is a question, and remarks are on standard error.

            Exit codes: 0; 1 a question of a pipe was not answered to its end; 64 usage; 69 no daemon.
            """)

    @Option(help: ArgumentHelp("The agent of a new conversation; else the default.", valueName: "name"))
    var agent: String?

    @Option(help: ArgumentHelp("The conversation to go on with; made if it is missing.", valueName: "id"))
    var session: String?

    @Option(help: ArgumentHelp("The user on whose behalf.", valueName: "id"))
    var user: String?

    @OptionGroup var client: ClientOptions

    func run() throws {
        try reporting {
            let signals = try blockSignals(Chat.signals)
            let isAtTerminal = isatty(STDIN_FILENO) == 1 && Terminal.output.isCapable
            let chat = try Chat(
                path: client.path, subject: Chat.Subject(agent: agent, session: session, user: user),
                signals: signals,
                input: { () throws(ClientFailure) -> any ChatInput in
                    if isAtTerminal { return try EditorInput() }
                    return LineInput()
                })
            let code = try chat.run()
            guard code == .success else { throw code }
        }
    }
}
