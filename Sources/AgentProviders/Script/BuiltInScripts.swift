/// The scripts that need no file: what a daemon without any configuration can play.
///
/// A script is a list of turns, a turn a list of steps; turn k answers the k-th model request of a run.
enum BuiltInScripts {
    /// Each script's JSON text by its name.
    static let all: [String: String] = [
        "hello": hello,
        "echo": echo,
        "tools": tools,
        "slow": slow,
        "demo": demo,
    ]

    /// A short answer.
    private static let hello = """
        [
          [
            {"say": "Hello from agentd. ", "chunk": 4, "every_ms": 20},
            {"say": "This answer is a script; the way it took is real.", "chunk": 4, "every_ms": 20},
            {"usage": {"input_tokens": 9, "output_tokens": 17}},
            {"end": "stop"}
          ]
        ]
        """

    /// Says what it was told.
    private static let echo = """
        [
          [
            {"say_request": "last_user", "chunk": 8, "every_ms": 10},
            {"usage": {"input_tokens": 9, "output_tokens": 9}},
            {"end": "stop"}
          ]
        ]
        """

    /// Thinks, calls a tool, and answers when the result is there.
    private static let tools = """
        [
          [
            {"think": "The clock is better at this than I am.", "chunk": 8, "every_ms": 20},
            {"say": "Let me look at the clock.", "chunk": 4, "every_ms": 20},
            {"call": "current_time", "args": {"zone": "UTC"}, "id": "c1"},
            {"usage": {"input_tokens": 21, "output_tokens": 18}},
            {"end": "stop"}
          ],
          [
            {"say": "The clock has answered, and so have I.", "chunk": 4, "every_ms": 20},
            {"usage": {"input_tokens": 48, "output_tokens": 11}},
            {"end": "stop"}
          ]
        ]
        """

    /// A model that takes three seconds to its first token.
    private static let slow = """
        [
          [
            {"wait_ms": 3000},
            {"say": "Good answers take their time.", "chunk": 4, "every_ms": 20},
            {"usage": {"input_tokens": 9, "output_tokens": 7}},
            {"end": "stop"}
          ]
        ]
        """

    /// Long enough to be stopped in the middle; its end is said from the request it answers, so that what it claims to
    /// remember is what it was really sent.
    private static let demo = """
        [
          [
            {"say": "I am a script and not a model: no network and no key. But everything between me and you is ",
             "chunk": 4, "every_ms": 45},
            {"say": "real: each word you read was committed to the ledger on the disk before it came to you, ",
             "chunk": 4, "every_ms": 45},
            {"say": "and I can be stopped at any of them.\\n\\n", "chunk": 4, "every_ms": 45},
            {"say": "Now without a script, from the request I am answering. Messages in it: ",
             "chunk": 8, "every_ms": 20},
            {"say_request": "message_count", "chunk": 8, "every_ms": 20},
            {"say": ". You said: \\"", "chunk": 8, "every_ms": 20},
            {"say_request": "last_user", "chunk": 8, "every_ms": 20},
            {"say": "\\" Before that I said: \\"", "chunk": 8, "every_ms": 20},
            {"say_request": "last_assistant", "chunk": 8, "every_ms": 20},
            {"say": "\\"", "chunk": 8, "every_ms": 20},
            {"usage": {"input_tokens": 40, "output_tokens": 80}},
            {"end": "stop"}
          ]
        ]
        """
}
