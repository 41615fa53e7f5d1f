import AgentTestKit

/// The agents of the kill tests: everything that a script can do, paced so that a kill meets it half done.
enum KillAgents {
    /// Their names.
    static let names = ["talker", "toolsmith", "thinker", "failer", "waiter", "burster", "rememberer"]

    /// Those that work where others wait: the whole line has its turn soon after a restart.
    static let linedUp = ["quick", "quick", "failer"]

    /// Writes the configuration and the scripts.
    static func install(in home: DaemonHome) throws(TestFailure) {
        try home.configure("version = 1\ndefault_agent = \"talker\"\n")
        try home.addAgent("talker", script: talker)
        try home.addAgent("toolsmith", script: toolsmith)
        try home.addAgent("thinker", script: thinker)
        try home.addAgent("failer", script: failer)
        try home.addAgent("waiter", script: waiter, settings: #"on_disconnect = "continue""#)
        try home.addAgent("burster", script: burster)
        try home.addAgent("quick", script: quick)
        try home.addAgent("rememberer", script: rememberer)
    }

    private static let talker = """
        [[{"say": "One word after the other, each of them on the disk before anybody reads it, and none of them lost.",
           "chunk": 3, "every_ms": 3},
          {"usage": {"input_tokens": 9, "output_tokens": 33}}, {"end": "stop"}]]
        """

    private static let toolsmith = """
        [[{"think": "Two calls at once.", "chunk": 4, "every_ms": 2}, {"say": "Let me look. ", "chunk": 4, "every_ms": 3},
          {"call": "current_time", "args": {"zone": "UTC", "deep": {"list": [1, 2.50, null]}}, "id": "c1"},
          {"wait_ms": 4}, {"call": "weather", "args": {"town": "Z\\u00fcrich \\"old\\" town"}, "id": "c2"},
          {"usage": {"input_tokens": 20, "output_tokens": 10}}, {"end": "tool_calls"}],
         [{"say": "Once more.", "chunk": 2, "every_ms": 3}, {"call": "current_time"}, {"end": "tool_calls"}],
         [{"say": "There is no clock, and no weather either.", "chunk": 4, "every_ms": 4},
          {"usage": {"input_tokens": 30, "output_tokens": 5}}, {"end": "stop"}]]
        """

    private static let thinker = """
        [[{"think": "Quotes \\"\\\\, a tab\\t, \\u2028 and \\ud83d\\ude80.", "chunk": 2, "every_ms": 2},
          {"say": "Gr\\u00fc\\u00dfe \\ud83d\\udc4b\\ud83c\\udffd aus \\"Z\\u00fcrich\\":\\n\\ttab, \\\\ and \\u0007 and \\u2028.",
           "chunk": 2, "every_ms": 3},
          {"think": "Done.", "chunk": 2, "every_ms": 2}, {"end": "length"}]]
        """

    private static let failer = """
        [[{"say": "Half an answer and then", "chunk": 3, "every_ms": 4}, {"fail": {"http": 529}}]]
        """

    private static let waiter = """
        [[{"say": "One moment."}, {"wait_ms": 300}, {"say": " Too late."}, {"end": "stop"}]]
        """

    private static let burster = """
        [[{"say": "\(String(repeating: "A burst without a pause. ", count: 80))", "chunk": 40},
          {"wait_ms": 20}, {"say": "\(String(repeating: "And another. ", count: 200))"}, {"end": "stop"}]]
        """

    private static let quick = """
        [[{"say": "Not much to say, but slowly.", "chunk": 4, "every_ms": 3}, {"end": "stop"}]]
        """

    private static let rememberer = """
        [[{"say_request": "message_count"}, {"say": " messages; you said: "},
          {"say_request": "last_user", "chunk": 4, "every_ms": 2}, {"say": "; I said: "},
          {"say_request": "last_assistant", "chunk": 6, "every_ms": 2}, {"end": "stop"}]]
        """
}
