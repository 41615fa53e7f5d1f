/// Tool calls of chat completions, in all the ways in which servers cut and name them.
enum OpenAICallFixtures {
    private typealias Fixture = StreamFixture

    private static func told(_ calls: [String], _ word: String = "tool_calls", kept: String? = nil) -> Told {
        Told(calls: calls, kept: kept, end: "ended \(word == "length" ? "length" : "stop") \(word)")
    }

    private static func piece(_ head: String, _ arguments: String) -> String {
        #"{\#(head)"type":"function","function":{"arguments":"\#(arguments)"}}"#
    }

    static let all: [StreamFixture] = keys + arguments

    private static let keys: [StreamFixture] = [
        .openai(
            "two calls by number",
            [
                Fixture.calls(#"{"index":0,"id":"call_a","type":"function","function":{"name":"f","arguments":""}}"#),
                Fixture.calls(#"{"index":0,"function":{"arguments":"{\"x\":"}}"#),
                Fixture.calls(#"{"index":1,"id":"call_b","type":"function","function":{"name":"g","arguments":""}}"#),
                Fixture.calls(#"{"index":0,"function":{"arguments":"1}"}},{"index":1,"function":{"arguments":"{}"}}"#),
                Fixture.delta("{}", finish: "tool_calls"), "[DONE]",
            ], told(["call_a f {\"x\":1}", "call_b g {}"])),
        .openai(
            "the reason is stop all the same",
            [
                Fixture.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#),
                Fixture.delta("{}", finish: "stop"),
            ],
            told(["a f {}"], "stop")),
        .openai(
            "no numbers, whole calls", preset: "gemini-compat",
            [
                Fixture.calls(
                    #"{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","function":{"name":"f","arguments":"{}"}}"#,
                    finish: "stop")
            ],
            told(["a f {\"x\":1}", "b f {}"], "stop")),
        .openai(
            "neither names nor numbers",
            [
                Fixture.calls(
                    #"{"id":"","function":{"name":"f","arguments":"{\"x\":1}"}},{"function":{"name":"g","arguments":"{}"}}"#,
                    finish: "tool_calls")
            ],
            told(["call_3_1 f {\"x\":1}", "call_3_2 g {}"])),
        .openai(
            "pieces with neither go to the last call",
            [
                Fixture.calls(#"{"id":"a","function":{"name":"f","arguments":"{\"x\""}}"#),
                Fixture.calls(#"{"function":{"arguments":":1}"}}"#, finish: "tool_calls"),
            ],
            told(["a f {\"x\":1}"])),
        .openai(
            "the same number for every call",
            [
                Fixture.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#),
                Fixture.calls(#"{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}"#, finish: "tool_calls"),
            ],
            told(["a f {}", "b g {}"])),
        .openai(
            "the same number and no name",
            [
                Fixture.calls(#"{"index":0,"function":{"name":"f","arguments":"{}"}}"#),
                Fixture.calls(#"{"index":0,"function":{"name":"g","arguments":"{\"y\":2}"}}"#, finish: "tool_calls"),
            ],
            told(["call_3_1 f {}", "call_3_2 g {\"y\":2}"])),
        .openai(
            "numbers that do not begin at 0 and leave gaps",
            [
                Fixture.calls(#"{"index":7,"id":"a","function":{"name":"f","arguments":"{"}}"#),
                Fixture.calls(#"{"index":3,"id":"b","function":{"name":"g","arguments":"{}"}}"#),
                Fixture.calls(#"{"index":7,"function":{"arguments":"}"}}"#, finish: "tool_calls"),
            ], told(["a f {}", "b g {}"])),
        .openai(
            "a name that is empty or missing",
            [
                Fixture.calls(#"{"index":0,"id":"","function":{"name":"f","arguments":"{}"}}"#),
                Fixture.calls(#"{"index":1,"function":{"name":"g","arguments":"{}"}}"#, finish: "tool_calls"),
            ],
            told(["call_3_1 f {}", "call_3_2 g {}"])),
        .openai(
            "the name comes late",
            [
                Fixture.calls(#"{"index":0,"function":{"name":"f","arguments":"{"}}"#),
                Fixture.calls(#"{"index":0,"id":"a","function":{"arguments":"}"}}"#, finish: "tool_calls"),
            ],
            told(["a f {}"])),
        .openai(
            "a name that is no identifier of ours",
            [
                Fixture.calls(
                    #"{"index":0,"id":"functions.f:0","function":{"name":"f","arguments":"{}"}},{"index":1,"id":"a b","function":{"name":"f","arguments":"{}"}}"#,
                    finish: "tool_calls")
            ],
            told(["functions.f:0 f {}", "call_3_2 f {}"])),
        .openai(
            "a made name that is taken",
            [
                Fixture.calls(
                    #"{"index":0,"id":"call_3_2","function":{"name":"f","arguments":"{}"}},{"index":1,"function":{"name":"g","arguments":"{}"}}"#,
                    finish: "tool_calls")
            ],
            told(["call_3_2 f {}", "call_3_2_ g {}"])),
        .openai(
            "the tool's name comes late",
            [
                Fixture.calls(#"{"index":0,"id":"a","function":{"arguments":"{"}}"#),
                Fixture.calls(#"{"index":0,"function":{"name":"","arguments":""}}"#),
                Fixture.calls(#"{"index":0,"function":{"name":"f","arguments":"}"}}"#, finish: "tool_calls"),
            ], told(["a f {}"])),
        .openai(
            "the tool's name never comes",
            [Fixture.calls(#"{"index":0,"id":"a","function":{"arguments":"{}"}}"#, finish: "tool_calls")],
            told(["a unnamed {}"])),
        .openai(
            "name and tool repeated in every piece", preset: "llamacpp",
            [
                Fixture.calls(#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}}"#),
                Fixture.calls(#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":":1}"}}"#),
                Fixture.calls(
                    #"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}"#,
                    finish: "tool_calls"),
            ], told(["a f {\"x\":1}"])),
        .openai(
            "the older form beside the newer one",
            [
                Fixture.delta(
                    #"{"role":null,"content":null,"function_call":{"name":"f","arguments":"{\"x\":"},"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]}"#
                ),
                Fixture.delta(
                    #"{"function_call":{"name":"f","arguments":"1}"},"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"1}"}}]}"#,
                    finish: "tool_calls"),
            ],
            told(["a f {\"x\":1}"])),
        .openai(
            "the older form alone",
            [
                Fixture.delta(#"{"function_call":{"name":"f","arguments":""}}"#),
                Fixture.delta(#"{"function_call":{"arguments":"{\"x\":1}"}}"#),
                Fixture.delta("{}", finish: "function_call"),
            ],
            told(["call_3_1 f {\"x\":1}"], "function_call")),
        .openai(
            "a seal beside the call", preset: "gemini-compat",
            [
                Fixture.calls(
                    #"{"extra_content":{"google":{"thought_signature":"S+/="}},"id":"a","function":{"name":"f","arguments":"{}"},"type":"function"}"#,
                    finish: "stop")
            ],
            told(
                ["a f {}"], "stop",
                kept: #"{"kind":"openai","calls":[{"id":"a","extra_content":{"google":{"thought_signature":"S+/="}}}]}"#
            )),
    ]

    private static func one(_ name: String, _ arguments: String, _ expected: String, finish: String = "tool_calls")
        -> StreamFixture
    {
        .openai(
            name,
            [Fixture.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":\#(arguments)}}"#, finish: finish)],
            told(["a f " + expected], finish))
    }

    private static let arguments: [StreamFixture] = [
        one("arguments as an object", #"{"x": [1, "é"]}"#, #"{"x":[1,"é"]}"#),
        one("no arguments", #""""#, "{}"), one("blank arguments", #"" \n""#, "{}"),
        one("arguments that are null", "null", "{}"),
        one("arguments that were cut", #""{\"x\":\"ab""#, #"unreadable {"x":"ab"#, finish: "length"),
        one("arguments that are no JSON", #""x=1""#, "unreadable x=1"),
        one("arguments that are no object", #""[1]""#, "unreadable [1]"),
        one("a name twice in the arguments", #""{\"x\":1,\"x\":2}""#, #"unreadable {"x":1,"x":2}"#),
        one(
            "arguments that are too deep",
            "\"" + String(repeating: "{\\\"a\\\":", count: 65) + "1" + String(repeating: "}", count: 65) + "\"",
            "unreadable " + String(repeating: "{\"a\":", count: 65) + "1" + String(repeating: "}", count: 65)),
        one(
            "an object that is too deep",
            String(repeating: #"{"a":"#, count: 55) + "1" + String(repeating: "}", count: 55),
            String(repeating: #"{"a":"#, count: 55) + "1" + String(repeating: "}", count: 55)),
        one("something after the arguments", #""{} {}""#, "unreadable {} {}"),
        one("escapes inside of escapes", #""{\"x\":\"\\u00e9\\n\\ud83d\\ude00\"}""#, #"{"x":"é\n😀"}"#),
        one(
            "a lone half in the arguments", #""{\"x\":\"\ud83d\"}""#, "unreadable {\"x\":\"\u{FFFD}\u{FFFD}\u{FFFD}\"}"),
        one("NUL in the arguments", #""{\"x\":\"\u0000\"}""#, "unreadable {\"x\":\"\0\"}"),
        .openai(
            "half a pair in one piece of the arguments, half in the next",
            [
                Fixture.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":\"\ud83d"}}"#),
                Fixture.calls(#"{"index":0,"function":{"arguments":"\ude00\"}"}}"#, finish: "tool_calls"),
            ],
            told([#"a f {"x":"😀"}"#])),
        .openai(
            "text before the call",
            [
                Fixture.delta(#"{"content":"Let me see."}"#),
                Fixture.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#, finish: "tool_calls"),
            ],
            Told(said: "Let me see.", calls: ["a f {}"], end: "ended stop tool_calls")),
        .openai(
            "a whole call of an answer that broke",
            [Fixture.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#), "[DONE]"],
            Told(end: "failed model_truncated")),
        .openai(
            "a whole call before an error",
            [
                Fixture.calls(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#),
                #"{"error":{"message":"x"}}"#,
            ], Told(end: "failed model_unavailable")),
    ]
}
