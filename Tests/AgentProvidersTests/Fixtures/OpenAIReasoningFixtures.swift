/// Reasoning in all the places where servers of chat completions put it.
enum OpenAIReasoningFixtures {
    private typealias Fixture = StreamFixture

    static let all: [StreamFixture] = [
        .openai(
            "reasoning_content", preset: "deepseek",
            [
                Fixture.delta(#"{"role":"assistant","content":null,"reasoning_content":"hm"}"#),
                Fixture.delta(#"{"content":null,"reasoning_content":"m\n"}"#),
                Fixture.delta(#"{"content":"yes","reasoning_content":null}"#),
                Fixture.delta(#"{"content":""}"#, finish: "stop"), "[DONE]",
            ],
            Told(said: "yes", thought: "hmm\n", kept: #"{"kind":"openai","reasoning":"hmm\n"}"#, end: "ended stop stop")
        ),
        .openai(
            "reasoning", [Fixture.delta(#"{"reasoning":"hm"}"#), Fixture.delta(#"{"content":"yes"}"#, finish: "stop")],
            Told(said: "yes", thought: "hm", end: "ended stop stop")),
        .openai(
            "the same reasoning in two members",
            [
                Fixture.delta(#"{"reasoning":"hm","reasoning_content":"hm"}"#),
                Fixture.delta(#"{"reasoning_content":"m","reasoning":"m"}"#, finish: "stop"),
            ],
            Told(thought: "hmm", end: "ended stop stop")),
        .openai(
            "reasoning_details with a seal", preset: "openrouter",
            [
                Fixture.delta(
                    #"{"content":"","reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","format":"f","index":0}]}"#
                ),
                Fixture.delta(
                    #"{"content":"","reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b","format":"f","index":0}]}"#
                ),
                Fixture.delta(
                    #"{"content":"","reasoning_details":[{"type":"reasoning.text","signature":"S=","format":"f","index":0}]}"#
                ),
                Fixture.delta(#"{"content":"c"}"#, finish: "stop"), "[DONE]",
            ],
            Told(
                said: "c", thought: "ab",
                kept:
                    #"{"kind":"openai","reasoning_details":[{"type":"reasoning.text","text":"ab","format":"f","index":0,"signature":"S="}]}"#,
                end: "ended stop stop")),
        .openai(
            "reasoning_details alone",
            [
                Fixture.delta(
                    #"{"reasoning_details":[{"type":"reasoning.text","text":"a"},{"type":"reasoning.summary","summary":"b"},null]}"#,
                    finish: "stop")
            ],
            Told(thought: "ab", end: "ended stop stop")),
        .openai(
            "think tags cut anywhere", preset: "vllm",
            [
                Fixture.delta(#"{"content":"\n<th"}"#), Fixture.delta(#"{"content":"ink>a <"}"#),
                Fixture.delta(#"{"content":" b</thi"}"#), Fixture.delta(#"{"content":"nk>\n"}"#),
                Fixture.delta(#"{"content":"\n c"}"#), Fixture.delta(#"{"content":"<think>d"}"#, finish: "stop"),
            ],
            Told(said: "c<think>d", thought: "a < b", end: "ended stop stop")),
        .openai(
            "escaped think tags", preset: "ollama",
            [Fixture.delta(#"{"content":"\u003cthink\u003ea\u003c/think\u003eb"}"#, finish: "stop")],
            Told(said: "b", thought: "a", end: "ended stop stop")),
        .openai(
            "empty think tags before a call", preset: "ollama",
            [
                Fixture.delta(#"{"content":"<think>\n\n</think>\n\n"}"#),
                Fixture.calls(#"{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}}"#, finish: "tool_calls"),
            ],
            Told(thought: "\n\n", calls: ["x f {}"], end: "ended stop tool_calls")),
        .openai(
            "blank text before a call", preset: "ollama",
            [
                Fixture.delta(#"{"content":"\n\n"}"#),
                Fixture.calls(#"{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}}"#, finish: "tool_calls"),
            ],
            Told(calls: ["x f {}"], end: "ended stop tool_calls")),
        .openai(
            "think tags that never close", preset: "vllm",
            [Fixture.delta(#"{"content":"<think>a</thin"}"#, finish: "length")],
            Told(thought: "a</thin", end: "ended length length")),
        .openai(
            "something that only looks like a tag", preset: "vllm",
            [Fixture.delta(#"{"content":"<thi"}"#), Fixture.delta(#"{"content":"s>"}"#, finish: "stop")],
            Told(said: "<this>", end: "ended stop stop")),
        .openai(
            "tags are text where nobody writes them", preset: "openai",
            [Fixture.delta(#"{"content":"<think>a</think>"}"#, finish: "stop")],
            Told(said: "<think>a</think>", end: "ended stop stop")),
        .openai(
            "content as parts", preset: "mistral",
            [
                Fixture.delta(#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}"#),
                Fixture.delta(#"{"content":[{"type":"text","text":"yes"},{"type":"reference","reference_ids":[1]}]}"#),
                Fixture.delta(#"{"content":""}"#, finish: "model_length"),
            ],
            Told(said: "yes", thought: "hm", end: "ended length model_length")),
    ]
}
