import Testing

@testable import agentd

@Suite struct FindingTests {
    @Test(arguments: ["sqlite", "reach a-provider-with-a-long-name", "reach 日本"])
    func whatWasFoundStandsApartFromWhatWasLookedAt(subject: String) {
        let text = Finding.bad(subject, "nobody is there", do: "look").text(for: .output)
        #expect(text.hasPrefix("fail  \(subject)  "))
        #expect(text.contains("  nobody is there\n"))
        #expect(text.hasSuffix("  do: look\n"))
    }
}
