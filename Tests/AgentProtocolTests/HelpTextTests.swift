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
}
