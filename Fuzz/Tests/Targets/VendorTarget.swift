import AgentEngine
import AgentProtocol

@testable import AgentProviders

/// However an answer is cut, a decoder says the same words: one last word, nothing after it, no secret in it.
enum VendorTarget {
    private static let secret = "my-very-own-secret-0123456789"

    static func checkOpenAI(_ input: UnsafeRawBufferPointer) throws(Finding) {
        // The second reads reasoning out of the text.
        for preset in ["openai", "vllm"] {
            try check(input) { OpenAIStreamDecoder(profile: profile(preset), request: request, secrets: [secret]) }
        }
    }

    static func checkAnthropic(_ input: UnsafeRawBufferPointer) throws(Finding) {
        try check(input) { AnthropicStreamDecoder(profile: profile("anthropic"), request: request, secrets: [secret]) }
    }

    private static func profile(_ name: String) -> ProviderProfile {
        guard let profile = ProviderProfile.preset(named: name) else { preconditionFailure("no preset \(name)") }
        return profile
    }

    private static var request: ModelRequest {
        ModelRequest(model: "m", instructions: nil, messages: [], step: 3)
    }

    private static func check(
        _ input: UnsafeRawBufferPointer, _ fresh: () -> any StreamDecoder
    ) throws(Finding) {
        let expected = try listen(to: fresh(), input, .whole)
        for cut in [Cut.bytes, .random] {
            let told = try listen(to: fresh(), input, cut)
            try Finding.unless(told == expected, "cut \(cut): \(told), not \(expected)")
        }
    }

    private static func listen(
        to decoder: any StreamDecoder, _ input: UnsafeRawBufferPointer, _ cut: Cut
    ) throws(Finding) -> Told {
        var decoder = decoder
        var told = Told()
        var message = ""
        func take(_ output: StreamOutput) {
            told.take(output)
            if case .failed(let error) = output { message = error.message }
        }
        cut.forEachPiece(of: input) { decoder.receive($0, take) }
        let isWhole = decoder.isWhole && !decoder.isOver
        decoder.end(take)
        try Finding.unless(told.faults.isEmpty, told.faults.joined(separator: "; "))
        try Finding.unless(decoder.isOver && !told.end.isEmpty, "there is a last word")
        try Finding.unless(
            !isWhole || told.end != "failed model_truncated", "what would count as whole is not called truncated")
        try Finding.unless(!message.contains(secret), "no secret is told: \(message)")
        return told
    }
}
