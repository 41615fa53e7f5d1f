import AgentEngine
import AgentProtocol
import Testing

@testable import AgentProviders

@Suite struct OpenAIStreamDecoderTests {
    static let fixtures = OpenAIFixtures.all + OpenAIReasoningFixtures.all + OpenAICallFixtures.all

    @Test(arguments: fixtures) func aStreamSaysTheSameHoweverItIsCut(_ fixture: StreamFixture) {
        StreamCheck.run(fixture)
    }

    @Test(arguments: TextCorpus.all) func everyCharacterArrivesWhole(_ text: TextCorpus) {
        for pieces in text.deltas {
            // Short chunks, because a stream is decoded once for each of its bytes.
            let chunks = pieces.map { #"{"choices":[{"delta":{"content":"\#($0)","reasoning":"\#($0)"}}]}"# }
            let told = Told(said: text.text, thought: text.text, end: "ended stop stop")
            StreamCheck.run(.openai(text.testDescription, chunks + [StreamFixture.delta("{}", finish: "stop")], told))
        }
    }

    @Test func anEventBeyondTheBoundFails() {
        let decoder = EventStreamDecoder(
            reader: OpenAIReader(profile: .preset(named: "openai")!, step: 1, secrets: []),
            events: SSEDecoder(limit: 64))
        let told = Feeding.whole(Array("data: \(String(repeating: "a", count: 100))".utf8), decoder)
        #expect(told.end == "failed model_unavailable" && told.faults.isEmpty)
    }

    @Test func argumentsBeyondTheBoundAreNotActedOn() {
        let piece = String(repeating: "x", count: 100_000)
        var chunks = [StreamFixture.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":\""}}"#)]
        for _ in 0..<4 { chunks.append(StreamFixture.calls(#"{"index":0,"function":{"arguments":"\#(piece)"}}"#)) }
        chunks.append(StreamFixture.calls(#"{"index":0,"function":{"arguments":"\"}"}}"#, finish: "tool_calls"))
        let fixture = StreamFixture.openai("large", chunks, Told())
        let told = Feeding.whole(Array(fixture.stream.utf8), fixture.decoder())
        #expect(told.calls.count == 1 && told.calls[0].hasPrefix("a f unreadable {\"x\":\"xxx"))
        #expect(told.calls[0].utf8.count <= ToolCallDraft.maxRawBytes + 16)
    }

    @Test func anAnswerIsWholeFromItsReasonOn() {
        let chunks = [StreamFixture.delta(#"{"content":"a"}"#), StreamFixture.delta("{}", finish: "stop")]
        var decoder = OpenAIStreamDecoder(profile: .preset(named: "openai")!)
        var states: [Bool] = [decoder.isWhole]
        for chunk in chunks {
            Array("data: \(chunk)\n\n".utf8).withUnsafeBytes { decoder.receive($0) { _ in } }
            states.append(decoder.isWhole)
        }
        #expect(states == [false, false, true])
        #expect(!decoder.isOver)
    }

    @Test func callsOfOneAnswerAreBounded() {
        let calls = (0..<200).map { #"{"index":\#($0),"id":"c\#($0)","function":{"name":"f","arguments":"{}"}}"# }
        let fixture = StreamFixture.openai(
            "many", [StreamFixture.calls(calls.joined(separator: ","), finish: "stop")], Told())
        let told = Feeding.whole(Array(fixture.stream.utf8), fixture.decoder())
        // One more than a step may make, so that the engine sees that it were too many.
        #expect(told.calls.count == 129 && told.end == "ended stop stop")
    }

    @Test func damagedStreamsBreakNoRule() { StreamCheck.damage(Self.fixtures) }
}
