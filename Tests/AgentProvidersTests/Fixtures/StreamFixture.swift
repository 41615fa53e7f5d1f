import AgentEngine
import AgentProtocol

@testable import AgentProviders

/// A stream as some server sends it, and what is to be heard of it.
struct StreamFixture: Sendable {
    let name: String
    let preset: String
    let stream: String
    let expected: Told

    /// Chat completion chunks, one event each; a line that begins with `:` or a field is taken as it stands.
    static func openai(
        _ name: String, preset: String = "openai", _ chunks: [String], _ expected: Told
    ) -> StreamFixture {
        StreamFixture(name: name, preset: preset, stream: chunks.map(event).joined(), expected: expected)
    }

    /// Message events, each under the name that its type says.
    static func anthropic(_ name: String, _ events: [String], _ expected: Told) -> StreamFixture {
        StreamFixture(name: name, preset: "anthropic", stream: events.map(event).joined(), expected: expected)
    }

    private static func event(_ line: String) -> String {
        guard line.hasPrefix("{") || line == "[DONE]" else { return line + "\n\n" }
        return "data: \(line)\n\n"
    }

    /// A chunk with this delta.
    static func delta(_ delta: String, finish: String? = nil) -> String {
        let reason = finish.map { "\"\($0)\"" } ?? "null"
        return #"{"id":"c1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":"#
            + #"[{"index":0,"delta":\#(delta),"logprobs":null,"finish_reason":\#(reason)}]}"#
    }

    /// A chunk with these tool call pieces.
    static func calls(_ pieces: String, finish: String? = nil) -> String {
        delta(#"{"tool_calls":[\#(pieces)]}"#, finish: finish)
    }

    func decoder() -> any StreamDecoder {
        guard let profile = ProviderProfile.preset(named: preset) else { preconditionFailure("no preset \(preset)") }
        let request = ModelRequest(model: "m", instructions: nil, messages: [], step: 3)
        return switch profile.wire {
        case .openai: OpenAIStreamDecoder(profile: profile, request: request)
        case .anthropic: AnthropicStreamDecoder(profile: profile, request: request)
        }
    }
}
