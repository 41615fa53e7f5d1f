import AgentEngine
import AgentProtocol
import Testing

@testable import AgentProviders

@Suite struct AnthropicStreamDecoderTests {
    @Test(arguments: AnthropicFixtures.all) func aStreamSaysTheSameHoweverItIsCut(_ fixture: StreamFixture) {
        StreamCheck.run(fixture)
    }

    @Test(arguments: TextCorpus.all) func everyCharacterArrivesWhole(_ text: TextCorpus) {
        for pieces in text.deltas {
            var events = pieces.map {
                #"{"type":"content_block_delta","delta":{"thinking":"\#($0)"}}"#
            }
            events += pieces.map { #"{"type":"content_block_delta","delta":{"text":"\#($0)"}}"# }
            events.append(#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#)
            let told = Told(said: text.text, thought: text.text, end: "ended stop end_turn")
            StreamCheck.run(.anthropic(text.testDescription, events, told))
        }
    }

    @Test func withoutARequestNothingIsKept() throws {
        let fixture = try #require(AnthropicFixtures.all.first { $0.expected.kept != nil })
        let decoder = AnthropicStreamDecoder(profile: .preset(named: "anthropic")!)
        var expected = fixture.expected
        expected.kept = nil
        #expect(Feeding.whole(Array(fixture.stream.utf8), decoder) == expected)
    }

    @Test func damagedStreamsBreakNoRule() { StreamCheck.damage(AnthropicFixtures.all) }
}
