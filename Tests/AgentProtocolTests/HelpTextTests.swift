import Testing

@testable import AgentProtocol

@Suite struct HelpTextTests {
    private func reply(topic: String?) throws -> JSONObject {
        let line = ReplyEncoder.success("help") { HelpText.write(topic: topic, to: &$0) }
        return try #require(try JSONReader.read(line).object)
    }

    @Test func everyCommandThatIsBuiltIsListed() throws {
        let commands = try #require(try reply(topic: nil)["commands"]?.array)
        #expect(commands.map { $0.object?["cmd"]?.string } == Command.names)
    }

    @Test(arguments: HelpText.entries.map(\.name)) func theExampleOfACommandIsThatCommand(_ topic: String) throws {
        let example = try #require(try reply(topic: topic)["example"]?.string)
        let frame = try frame(of: example)
        #expect(frame.command.name == topic)
        #expect(frame.warnings.isEmpty)
    }

    @Test(arguments: HelpText.entries.map(\.name)) func everyFieldThatIsToldIsKnown(_ topic: String) throws {
        let fields = try #require(try reply(topic: topic)["fields"]?.object)
        let members = fields.members.map { ",\"\($0.name)\":null" }.joined()
        switch decode("{\"cmd\":\"\(topic)\"\(members)}") {
        case .blank: Issue.record("a command was expected")
        case .command(let frame): #expect(frame.warnings.isEmpty)
        case .rejected(let frame): #expect(frame.warnings.isEmpty)
        }
    }

    @Test func everyCommandAndEveryEventHasATopic() throws {
        let topics = try #require(try reply(topic: nil)["topics"]?.array).compactMap(\.string)
        #expect(topics == Schema.topics)
        #expect(Set(Command.names).isSubset(of: topics))
        #expect(topics.first == "frame")
    }

    @Test(arguments: Schema.topics) func theSchemaOfATopicStandsForItself(_ topic: String) throws {
        let line = ReplyEncoder.success("help") { HelpText.write(topic: topic, to: &$0) }
        #expect(line.count <= Limits.replyBytes)
        let schema = try #require(try JSONReader.read(line).object?["schema"]?.object)
        let definitions = try #require(schema["$defs"]?.object)
        let named = references(in: .object(schema))
        #expect(!named.isEmpty)
        // Nothing that is referred to is missing, and nothing is there that no reference leads to.
        #expect(named == Set(definitions.members.map { "#/$defs/\($0.name)" }))
    }

    @Test func aTopicThatIsNotThereHasNoSchema() { #expect(Schema.document(of: "telepathy") == nil) }

    /// Everything that a schema refers to.
    private func references(in value: JSONValue) -> Set<String> {
        switch value {
        case .object(let object):
            object.members.reduce(into: []) { found, member in
                if member.name == "$ref", let name = member.value.string { found.insert(name) }
                found.formUnion(references(in: member.value))
            }
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(references(in: $1)) }
        default: []
        }
    }
}
