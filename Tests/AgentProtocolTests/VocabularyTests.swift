import AgentProtocol
import Testing

@Suite struct VocabularyTests {
    @Test(arguments: ["a", "A.z_0:9-", String(repeating: "x", count: 128)]) func anIdentifierIsTaken(_ text: String) {
        #expect(RunID(text)?.text == text)
    }

    @Test(arguments: ["", " ", "a b", "é", "a/b", "a\n", String(repeating: "x", count: 129)])
    func whatIsNoIdentifierIsRefused(_ text: String) {
        #expect(RunID(text) == nil)
    }

    @Test func aTextIsCutAtACharacterBoundary() {
        let clip = ClippedText("aé😀z", limit: 4)
        #expect(clip.text == "aé")
        #expect(clip.isClipped)
        #expect(clip.bytes == 8)
        #expect(ClippedText("aé😀z", from: 2, limit: 6).text == "é😀")
        #expect(ClippedText("aé😀z", from: 8).text == "")
        #expect(ClippedText("aé😀z", from: 100).text == "")
        #expect(!ClippedText("aé😀z", limit: 8).isClipped)
    }

    @Test func usageAddsUpWhatIsKnownAndSaysWhatIsNot() {
        var usage = Usage()
        usage.add(request: Usage(inputTokens: 9, outputTokens: 3))
        usage.add(request: nil)
        usage.add(request: Usage(inputTokens: 1, outputTokens: 1, totalTokens: 2))
        #expect(usage.inputTokens == 10)
        #expect(usage.totalTokens == 14)
        #expect(usage.reasoningTokens == nil)
        #expect(usage.requests == 3)
        #expect(usage.incomplete)
    }

    @Test func everyCodeHasOneLineOfHelp() {
        for code in ErrorCode.allCases {
            #expect(!code.help.isEmpty)
            #expect(!code.help.contains("\n"))
        }
        #expect(Set(ErrorCode.allCases.map(\.rawValue)).count == ErrorCode.allCases.count)
    }

    @Test func everyLimitHasItsNameOnce() {
        #expect(Set(Limits.all.map(\.name)).count == Limits.all.count)
        #expect(Limits.all.contains { $0.name == "line_bytes" && $0.value == 16 << 20 && $0.unit == "bytes" })
    }
}
