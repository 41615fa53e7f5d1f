/// The streams of the vendors' tests, to begin with.
package enum StreamSeeds {
    /// Chat completions.
    package static var openai: [String] {
        (OpenAIFixtures.all + OpenAICallFixtures.all + OpenAIReasoningFixtures.all).map(\.stream)
    }

    /// Messages.
    package static var anthropic: [String] { AnthropicFixtures.all.map(\.stream) }
}
