/// Streams of messages, one for each way in which servers and answers differ.
enum AnthropicFixtures {
    private static let start = event(
        #""message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m","stop_reason":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":3,"cache_read_input_tokens":100,"output_tokens":1}}"#
    )
    private static let stop = event(#""message_stop""#)
    private static let ping = event(#""ping""#)
    /// What the figures of `start` and `end` come to.
    private static let usage = "128 100 3 15 - -"

    /// An event of this type, under its name and with the rest of its members.
    private static func event(_ rest: String) -> String {
        let name = rest.dropFirst().prefix { $0 != "\"" }
        return "event: \(name)\ndata: {\"type\":\(rest)}"
    }

    private static func begin(_ index: Int, _ block: String) -> String {
        event(#""content_block_start","index":\#(index),"content_block":\#(block)"#)
    }
    private static func delta(_ index: Int, _ delta: String) -> String {
        event(#""content_block_delta","index":\#(index),"delta":\#(delta)"#)
    }
    private static func close(_ index: Int) -> String { event(#""content_block_stop","index":\#(index)"#) }
    private static func text(_ index: Int, _ text: String) -> String {
        delta(index, #"{"type":"text_delta","text":"\#(text)"}"#)
    }
    private static func json(_ index: Int, _ text: String) -> String {
        delta(index, #"{"type":"input_json_delta","partial_json":"\#(text)"}"#)
    }
    private static func end(_ reason: String) -> String {
        event(
            #""message_delta","delta":{"stop_reason":"\#(reason)","stop_sequence":null},"usage":{"output_tokens":15}"#)
    }
    private static let textBlock = #"{"type":"text","text":""}"#
    private static let tool = #"{"type":"tool_use","id":"toolu_1","name":"f","input":{}}"#

    private static func plain(_ name: String, _ reason: String, _ expected: String) -> StreamFixture {
        .anthropic(
            name, [start, begin(0, textBlock), ping, text(0, "Hel"), text(0, "lo"), close(0), end(reason), stop],
            Told(said: "Hello", usage: usage, end: "\(expected) \(reason)"))
    }

    static let all: [StreamFixture] = ends + blocks + breaks

    private static let ends: [StreamFixture] = [
        plain("a plain answer", "end_turn", "ended stop"), plain("cut for its length", "max_tokens", "ended length"),
        plain("a stop sequence", "stop_sequence", "ended stop_sequence"),
        plain("a refusal", "refusal", "ended refusal"),
        plain("a pause", "pause_turn", "ended other"), plain("a reason nobody knows", "tired", "ended other"),
        plain("the window is full after some text", "model_context_window_exceeded", "ended length"),
        .anthropic(
            "the window is full before any text", [start, end("model_context_window_exceeded"), stop],
            Told(usage: usage, end: "failed context_length_exceeded")),
        .anthropic(
            "success without content", [start, end("end_turn"), stop], Told(usage: usage, end: "ended stop end_turn")),
        .anthropic(
            "a reason and then no more", [start, begin(0, textBlock), text(0, "a"), close(0), end("end_turn")],
            Told(said: "a", usage: usage, end: "ended stop end_turn")),
        .anthropic(
            "an end without a reason", [start, begin(0, textBlock), text(0, "a"), close(0), stop],
            Told(said: "a", usage: "128 100 3 1 - -", end: "failed model_truncated")),
        .anthropic(
            "figures that grow, come again as 0, and are split",
            [
                event(#""message_start","message":{"usage":{"input_tokens":10,"output_tokens":1}}"#),
                event(#""message_delta","delta":{},"usage":{"output_tokens":7,"input_tokens":0}"#),
                event(
                    #""message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":20,"output_tokens_details":{"thinking_tokens":30}}"#
                ), stop,
            ],
            Told(usage: "10 - - 20 20 -", end: "ended stop end_turn")),
        .anthropic(
            "no figures",
            [
                event(#""message_start","message":{}"#),
                event(#""message_delta","delta":{"stop_reason":"end_turn"},"usage":null"#), stop,
            ], Told(end: "ended stop end_turn")),
    ]

    private static let blocks: [StreamFixture] = [
        .anthropic(
            "a call in pieces",
            [
                start, begin(0, textBlock), text(0, "I look."), close(0), begin(1, tool), json(1, ""),
                json(1, #"{\"x\": \"S"#), json(1, #"an\"}"#), close(1), end("tool_use"), stop,
            ],
            Told(said: "I look.", calls: [#"toolu_1 f {"x":"San"}"#], usage: usage, end: "ended stop tool_use")),
        .anthropic(
            "a call without arguments", [start, begin(0, tool), json(0, ""), close(0), end("tool_use"), stop],
            Told(calls: ["toolu_1 f {}"], usage: usage, end: "ended stop tool_use")),
        .anthropic(
            "the whole input at the beginning",
            [
                start, begin(0, #"{"type":"tool_use","id":"t","name":"f","input":{"x":1}}"#), close(0), end("tool_use"),
                stop,
            ],
            Told(calls: [#"t f {"x":1}"#], usage: usage, end: "ended stop tool_use")),
        .anthropic(
            "calls that cross",
            [
                start, begin(0, tool), begin(1, #"{"type":"tool_use","id":"toolu_2","name":"g","input":{}}"#),
                json(1, #"{\"y\""#), json(0, "{"), json(1, ":2}"), json(0, "}"), close(1), close(0), end("tool_use"),
                stop,
            ],
            Told(calls: ["toolu_1 f {}", #"toolu_2 g {"y":2}"#], usage: usage, end: "ended stop tool_use")),
        .anthropic(
            "arguments that were cut",
            [start, begin(0, tool), json(0, #"{\"x\":1,"#), close(0), end("max_tokens"), stop],
            Told(calls: [#"toolu_1 f unreadable {"x":1,"#], usage: usage, end: "ended length max_tokens")),
        .anthropic(
            "a block that never closes", [start, begin(0, tool), json(0, "{}"), end("tool_use"), stop],
            Told(calls: ["toolu_1 f unreadable {}"], usage: usage, end: "ended stop tool_use")),
        .anthropic(
            "calls without names, or with the same",
            [
                start, begin(0, #"{"type":"tool_use","id":"","name":"f","input":{}}"#), close(0), begin(1, tool),
                close(1), begin(2, tool), close(2), end("tool_use"), stop,
            ],
            Told(calls: ["call_3_1 f {}", "toolu_1 f {}", "call_3_3 f {}"], usage: usage, end: "ended stop tool_use")),
        .anthropic(
            "reasoning, sealed, goes back as it came",
            [
                start, begin(0, #"{"type":"thinking","thinking":"","signature":""}"#),
                delta(0, #"{"type":"thinking_delta","thinking":"h\u00e9"}"#),
                delta(0, #"{"type":"thinking_delta","thinking":"m \ud83d"}"#),
                delta(0, #"{"type":"thinking_delta","thinking":"\ude00"}"#),
                delta(0, #"{"type":"signature_delta","signature":"Eq\/+=="}"#), close(0),
                begin(1, #"{"type":"redacted_thinking","data":"Zm9v/=="}"#), close(1), begin(2, textBlock),
                text(2, "Yes."), close(2), begin(3, textBlock), text(3, "\\n "), close(3), begin(4, tool),
                json(4, #"{\"x\": 1.10}"#), close(4), end("tool_use"), stop,
            ],
            Told(
                said: "Yes.\n ", thought: "hém 😀", calls: [#"toolu_1 f {"x":1.10}"#], usage: usage,
                kept:
                    #"{"kind":"anthropic","model":"m","content":[{"type":"thinking","thinking":"hém 😀","signature":"Eq/+=="},{"type":"redacted_thinking","data":"Zm9v/=="},{"type":"text","text":"Yes."},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x": 1.10}}]}"#,
                end: "ended stop tool_use")),
        .anthropic(
            "reasoning without a seal does not go back",
            [
                start, begin(0, #"{"type":"thinking","thinking":""}"#),
                delta(0, #"{"type":"thinking_delta","thinking":"hm"}"#), close(0), begin(1, textBlock), text(1, "a"),
                close(1), end("end_turn"), stop,
            ],
            Told(said: "a", thought: "hm", usage: usage, end: "ended stop end_turn")),
        .anthropic(
            "events, blocks and deltas nobody knows",
            [
                start, event(#""content_block_sparkle","index":0"#),
                begin(0, #"{"type":"server_tool_use","id":"s","name":"web","input":{}}"#), json(0, "{}"),
                delta(0, #"{"type":"sparkle_delta","sparkle":"x"}"#), close(0),
                begin(1, textBlock),
                delta(1, #"{"type":"citations_delta","citation":{"type":"char_location","cited_text":"x"}}"#),
                text(1, "a"), delta(1, #"{"type":"sparkle_delta"}"#), close(1), end("end_turn"), stop,
            ],
            Told(said: "a", usage: usage, end: "ended stop end_turn")),
        .anthropic(
            "types only in the data",
            [
                #"{"type":"message_start","message":{}}"#,
                #"{"index":0,"delta":{"text":"a","type":"text_delta"},"type":"content_block_delta"}"#,
                #"{"delta":{"stop_reason":"end_turn"},"type":"message_delta"}"#, #"{"type":"message_stop"}"#,
            ],
            Told(said: "a", end: "ended stop end_turn")),
        .anthropic(
            "types only in the names",
            [
                "event: content_block_delta\ndata: {\"index\":0,\"delta\":{\"text\":\"a\"}}",
                "event: message_delta\ndata: {\"delta\":{\"stop_reason\":\"end_turn\"}}",
                "event: message_stop\ndata: {}",
            ],
            Told(said: "a", end: "ended stop end_turn")),
    ]

    private static let breaks: [StreamFixture] = [
        .anthropic(
            "an error after the beginning",
            [
                start, begin(0, textBlock), text(0, "a"),
                event(#""error","error":{"type":"overloaded_error","message":"Overloaded"}"#),
            ],
            Told(said: "a", usage: "128 100 3 1 - -", end: "failed model_overloaded")),
        .anthropic(
            "an error and nothing else",
            [event(#""error","error":{"type":"api_error","message":"Internal server error"}"#)],
            Told(end: "failed model_unavailable")),
        .anthropic(
            "an error event that is no JSON", ["event: error\ndata: upstream gone"],
            Told(end: "failed model_unavailable")),
        .anthropic(
            "two answers in one stream",
            [start, begin(0, textBlock), text(0, "a"), start, begin(0, textBlock), text(0, "b")],
            Told(said: "a", usage: "128 100 3 1 - -", end: "failed model_unavailable")),
        .anthropic(
            "an end in the middle", [start, begin(0, textBlock), text(0, "a")],
            Told(said: "a", usage: "128 100 3 1 - -", end: "failed model_truncated")),
        .anthropic(
            "an end in the middle of a call", [start, begin(0, tool), json(0, "{}"), close(0)],
            Told(usage: "128 100 3 1 - -", end: "failed model_truncated")),
        .anthropic(
            "an event that is not JSON", [start, "event: content_block_delta\ndata: {\"index\":"],
            Told(usage: "128 100 3 1 - -", end: "failed model_unavailable")),
        .anthropic(
            "a second end and an error after it",
            [start, end("end_turn"), stop, stop, event(#""error","error":{"type":"api_error"}"#)],
            Told(usage: usage, end: "ended stop end_turn")),
        .anthropic("only pings", [ping, ":", ping], Told(end: "failed model_truncated")),
    ]
}
