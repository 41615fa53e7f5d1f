import Testing

@testable import AgentProviders

@Suite struct ScrubberTests {
    @Test(arguments: [
        ("Incorrect API key provided: sk-proj-abcdef1234567890.", "Incorrect API key provided: [hidden]."),
        ("Authorization: Bearer abc123def456", "Authorization: Bearer [hidden]"),
        ("Bearer abc123def456 was refused", "Bearer [hidden] was refused"),
        ("x-api-key: 0123456789abcdef", "x-api-key: [hidden]"), (#"{"api_key":"abcdef"}"#, #"{"api_key":"[hidden]"}"#),
        ("?key=AbCdEf&alt=sse", "?key=[hidden]&alt=sse"),
        ("got AIzaSyA1234567890abcdefghijklmnopqrstu today", "got [hidden] today"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def", "token [hidden]"),
        ("hash 0123456789abcdef0123456789abcdef01234567", "hash [hidden]"),
        ("blob QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODk=", "blob [hidden]="),
        ("gsk_abcdefghijklmnop", "[hidden]"), ("secret: hunter2", "secret: [hidden]"),
    ]) func whatLooksLikeASecretIsHidden(_ text: String, _ expected: String) {
        #expect(Scrubber.clean(text, secrets: []) == expected)
    }

    @Test(arguments: [
        "the model claude-sonnet-4-5-20250929 was not found", "Meta-Llama-3.1-405B-Instruct-FP8-dynamic is overloaded",
        "see https://docs.example.com/en/docs/build-with-claude/errors#rate-limits",
        "request 123e4567-e89b-12d3-a456-426614174000 failed",
        "invalid API key: check your settings",
        "Rate limit reached for gpt-4o in organization on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000.",
        "messages.125: `tool_use` ids were found without `tool_result` blocks", "the key is wrong",
        "supercalifragilisticexpialidocious",
    ]) func whatDoesNotIsShown(_ text: String) {
        #expect(Scrubber.clean(text, secrets: []) == text)
    }

    @Test func knownSecretsGoWhereverTheyStand() {
        let secret = "blue monday"
        #expect(Scrubber.clean("a blue monday b,blue monday.", secrets: [secret]) == "a [hidden] b,[hidden].")
        #expect(Scrubber.clean("cut in a blue mond", secrets: [secret]) == "cut in a [hidden]")
        #expect(Scrubber.clean("abcdef", secrets: ["", "a", "ab"]) == "abcdef")
        #expect(Scrubber.clean("one-two-three one-two", secrets: ["one-two", "one-two-three"]) == "[hidden] [hidden]")
    }

    @Test func aMessageIsOneBoundedLine() {
        #expect(Scrubber.clean(" a\r\n\tb\u{0}c\u{1B}[31m  d ", secrets: []) == "a b c [31m d")
        #expect(Scrubber.clean(String(repeating: "é ", count: 5000), secrets: []).count == 500)
        #expect(Scrubber.clean("", secrets: []) == "")
    }
}
