import AgentProtocol
import ArgumentParser

/// `agentd schema`: prints the JSON Schema of the protocol, without a daemon.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of the protocol.",
        discussion: """
            EXAMPLES
              agentd schema > agentd.schema.json        everything
              agentd schema run | jq                    a command with its reply
              agentd schema run_content | jq            an event

            One document on one line, which needs no other file and no daemon. Topics: \
            \(Schema.topics.joined(separator: ", ")).

            Exit codes: 0; 64 usage, or no such topic.
            """)

    @Argument(help: "A command, an event, or frame, command, reply or event for any of them.")
    var topic = "frame"

    func run() throws {
        guard let document = Schema.document(of: topic) else {
            throw ValidationError("There is no topic \(topic).")
        }
        Terminal.output.write(document + [UInt8(ascii: "\n")])
    }
}
