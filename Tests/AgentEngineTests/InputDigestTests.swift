import AgentEngine
import AgentProtocol
import Testing

@Suite struct InputDigestTests {
    private func digest(_ input: String, agent: String? = nil) -> InputDigest {
        InputDigest(RunCommand(agent: agent.map(AgentName.init(trusted:)), input: input))
    }

    @Test func differsWhereTheQuestionOrTheAgentDoes() {
        let all = [
            digest("hello"), digest("hello "), digest("hell"), digest("hello", agent: "helper"),
            digest("hello", agent: "clerk"), digest("elperhello", agent: "h"), digest("é"), digest("e\u{301}"),
        ]
        #expect(Set(all.map(\.text)).count == all.count)
    }

    @Test func doesNotCountHowTheAnswerIsDelivered() {
        let command = RunCommand(
            input: "hello", sessionID: SessionID(trusted: "s1"), userID: UserID(trusted: "u1"),
            runID: RunID(trusted: "r1"), stream: .none, onDisconnect: .continue, onBusy: .queue, metadata: ["a": .null])
        #expect(InputDigest(command) == digest("hello"))
    }

    /// What the ledger holds must mean the same in every later version.
    @Test func isTheSameInEveryVersion() {
        #expect(digest("hello").text == "623b36f2f98fa265")
        #expect(digest("hello", agent: "helper").text == "51c2e0c9ac464e50")
    }

    @Test func isReadBackAsItWasWritten() {
        #expect(InputDigest(digest("hello").text) == digest("hello"))
        for wrong in ["", "12", "zzzzzzzzzzzzzzzz", "00000000000000000"] { #expect(InputDigest(wrong) == nil) }
    }
}
