/// Streams of chat completions, one for each way in which servers differ.
enum OpenAIFixtures {
    private typealias Fixture = StreamFixture

    static let all: [StreamFixture] = plain + errors + figures + oddities

    private static let plain: [StreamFixture] = [
        .openai(
            "a plain answer",
            [
                Fixture.delta(#"{"role":"assistant","content":"","refusal":null}"#),
                Fixture.delta(#"{"content":"Hel"}"#),
                Fixture.delta(#"{"content":"lo"}"#), Fixture.delta("{}", finish: "stop"),
                #"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":5}}}"#,
                "[DONE]",
            ], Told(said: "Hello", usage: "9 4 - 12 5 21", end: "ended stop stop")),
        .openai(
            "comment lines and pings between the events",
            [
                ": OPENROUTER PROCESSING", Fixture.delta(#"{"content":"a"}"#), ": ping", "event: ping",
                Fixture.delta(#"{"content":"b"}"#, finish: "stop"), ":", "[DONE]",
            ], Told(said: "ab", end: "ended stop stop")),
        .openai(
            "no [DONE] after the reason", [Fixture.delta(#"{"content":"a"}"#, finish: "length")],
            Told(said: "a", end: "ended length length")),
        .openai(
            "[DONE] without a reason", [Fixture.delta(#"{"content":"a"}"#), "[DONE]"],
            Told(said: "a", end: "failed model_truncated")),
        .openai(
            "an end without a reason", [Fixture.delta(#"{"content":"a"}"#)],
            Told(said: "a", end: "failed model_truncated")),
        .openai("nothing at all", [], Told(end: "failed model_truncated")),
        .openai("[DONE] alone", ["[DONE]"], Told(end: "failed model_truncated")),
        .openai(
            "success without content", [Fixture.delta("{}", finish: "stop"), "[DONE]"], Told(end: "ended stop stop")),
        .openai(
            "a second end and data after it",
            [
                Fixture.delta(#"{"content":"a"}"#, finish: "stop"), Fixture.delta("{}", finish: "length"), "[DONE]",
                Fixture.delta(#"{"content":"b"}"#), "[DONE]", #"{"error":{"message":"late"}}"#,
            ], Told(said: "a", end: "ended stop stop")),
        StreamFixture(
            name: "the last event has no empty line", preset: "openai",
            stream: "data: \(Fixture.delta(#"{"content":"a"}"#))\n\ndata: \(Fixture.delta("{}", finish: "stop"))\n",
            expected: Told(said: "a", end: "failed model_truncated")),
        .openai(
            "CRLF and fields that are of no interest",
            [
                "id: 1\r\nretry: 5\r\nevent: message\r\nfoo\r\ndata:"
                    + Fixture.delta(#"{"content":"a"}"#, finish: "stop") + "\r\n"
            ],
            Told(said: "a", end: "ended stop stop")),
    ]

    private static let errors: [StreamFixture] = [
        .openai(
            "an error object in the stream",
            [
                Fixture.delta(#"{"content":"a"}"#),
                #"{"error":{"message":"Overloaded","type":"server_error","code":503}}"#, "[DONE]",
            ],
            Told(said: "a", end: "failed model_overloaded")),
        .openai(
            "an error in a chunk, with the reason error",
            [
                #"{"id":"x","error":{"code":"server_error","message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#
            ], Told(end: "failed model_unavailable")),
        .openai(
            "an error that is a text", [#"{"error":"model requires more system memory"}"#],
            Told(end: "failed model_unavailable")),
        .openai(
            "an error as a field of its own",
            [
                #"error: {"code":500,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}"#
            ],
            Told(end: "failed context_length_exceeded")),
        .openai(
            "an error as a named event",
            ["event: error\n" + #"data: {"message":"slow down","type":"rate_limit_error"}"#],
            Told(end: "failed model_rate_limited")),
        .openai(
            "an error as the object's kind",
            [#"{"object":"error","message":"boom","type":"InternalServerError","code":500}"#],
            Told(end: "failed model_unavailable")),
        .openai(
            "an error that is null", [#"{"error":null,"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#],
            Told(said: "a", end: "ended stop stop")),
        .openai(
            "only the reason error", [Fixture.delta(#"{"content":"a"}"#, finish: "error")],
            Told(said: "a", end: "failed model_unavailable")),
        .openai(
            "a reason that means too much to do", [Fixture.delta("{}", finish: "insufficient_system_resource")],
            Told(end: "failed model_overloaded")),
        .openai(
            "an event that is not JSON", [Fixture.delta(#"{"content":"a"}"#), "data: {oops"],
            Told(said: "a", end: "failed model_unavailable")),
        .openai(
            "a chunk cut in two by a proxy", [#"data: {"choices":[{"delta":{"content":"b"#],
            Told(end: "failed model_unavailable")),
        .openai(
            "the filter stopped the answer",
            [Fixture.delta(#"{"content":"a"}"#), Fixture.delta("{}", finish: "content_filter"), "[DONE]"],
            Told(said: "a", end: "ended content_filter content_filter")),
        .openai(
            "a refusal instead of content",
            [
                Fixture.delta(#"{"role":"assistant","content":null,"refusal":"I can"}"#),
                Fixture.delta(#"{"refusal":"not."}"#), Fixture.delta("{}", finish: "stop"), "[DONE]",
            ],
            Told(said: "I cannot.", end: "ended refusal stop")),
    ]

    private static let figures: [StreamFixture] = [
        .openai(
            "usage null in every chunk",
            [#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}],"usage":null}"#, "[DONE]"],
            Told(said: "a", end: "ended stop stop")),
        .openai(
            "usage in every chunk",
            [
                #"{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}"#,
                #"{"choices":[{"delta":{"content":"b"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#,
            ],
            Told(said: "ab", usage: "5 - - 2 - 7", end: "ended stop stop")),
        .openai(
            "usage twice, the last word wins",
            [
                Fixture.delta(#"{"content":"a"}"#, finish: "stop"),
                #"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":9,"total_tokens":14}}"#,
                #"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#,
            ],
            Told(said: "a", usage: "5 - - 2 - 7", end: "ended stop stop")),
        .openai(
            "usage that cannot be",
            [
                Fixture.delta("{}", finish: "stop"),
                #"{"usage":{"prompt_tokens":5,"completion_tokens":-1,"total_tokens":1e1,"prompt_tokens_details":{"cached_tokens":50},"completion_tokens_details":null}}"#,
            ],
            Told(usage: "5 5 - - - 10", end: "ended stop stop")),
        .openai(
            "more reasoning than output",
            [
                Fixture.delta("{}", finish: "stop"),
                #"{"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"completion_tokens_details":{"reasoning_tokens":7}}}"#,
            ],
            Told(usage: "5 - - 3 3 8", end: "ended stop stop")),
        .openai(
            "reasoning counted beside the output",
            [
                Fixture.delta("{}", finish: "stop"),
                #"{"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":15,"completion_tokens_details":{"reasoning_tokens":7}}}"#,
            ],
            Told(usage: "5 - - 10 7 15", end: "ended stop stop")),
        .openai(
            "usage under x_groq", preset: "groq",
            [
                #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":{"queue_time":0.1,"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}}}"#
            ],
            Told(usage: "5 - - 3 - 8", end: "ended stop stop")),
        .openai(
            "usage in the choice",
            [
                #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"cached_tokens":2}}]}"#
            ],
            Told(usage: "5 2 - 3 - 8", end: "ended stop stop")),
        .openai(
            "cache hits under another name", preset: "deepseek",
            [
                Fixture.delta("{}", finish: "stop"),
                #"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":1}}"#,
            ],
            Told(usage: "5 4 - 3 - 8", end: "ended stop stop")),
    ]

    private static let oddities: [StreamFixture] = [
        .openai(
            "roles, contents, names and choices that are null or empty", preset: "azure",
            [
                #"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}"#,
                #"{"choices":null}"#, "{}", "null", "[]", "1", #"{"choices":[null,{"delta":null,"index":0}]}"#,
                #"{"choices":[{"index":0,"delta":{"role":null,"content":null,"tool_calls":null,"function_call":null,"refusal":null}}]}"#,
                #"{"choices":[{"index":0,"delta":{"role":"","content":"a","tool_calls":[]},"finish_reason":""}]}"#,
                #"{"choices":[{"index":0,"finish_reason":"stop","content_filter_offsets":{}}],"service_tier":"weird"}"#,
                "data:", "[DONE]",
            ],
            Told(said: "a", end: "ended stop stop")),
        .openai(
            "a reason that nobody knows", [Fixture.delta(#"{"content":"a"}"#, finish: "because")],
            Told(said: "a", end: "ended other because")),
        .openai(
            "the reason of another vendor", [Fixture.delta(#"{"content":"a"}"#, finish: "STOP")],
            Told(said: "a", end: "ended stop STOP")),
        .openai(
            "a second choice",
            [
                #"{"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":"length"},{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#
            ],
            Told(said: "a", end: "ended stop stop")),
        .openai(
            "the whole message in one chunk",
            [#"{"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}]}"#],
            Told(said: "a", end: "ended stop stop")),
        .openai(
            "a byte order mark", ["\u{FEFF}data: " + Fixture.delta(#"{"content":"a"}"#, finish: "stop")],
            Told(said: "a", end: "ended stop stop")),
        .openai(
            "data over several lines",
            ["data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"a\"},\ndata:\"finish_reason\":\"stop\"}]}"],
            Told(said: "a", end: "ended stop stop")),
    ]
}
