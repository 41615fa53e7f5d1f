import AgentProtocol
import ArgumentParser

/// `agentd schema`: prints the JSON Schema of the protocol, without a daemon.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of the protocol.",
        discussion: """
            One document on one line, which needs no other file: `agentd schema run | jq`. Topics: \
            \(Schema.topics.joined(separator: ", ")).
            """)

    @Argument(help: "A command, an event, or frame, command, reply or event for any of them.")
    var topic = "frame"

    func run() throws {
        guard let document = Schema.document(of: topic) else {
            throw ValidationError("there is no topic \(topic); topics are \(Schema.topics.joined(separator: ", "))")
        }
        Terminal.output.write(document + [UInt8(ascii: "\n")])
    }
}
