import AgentProtocol
import Testing

@testable import AgentEngine

@Suite struct SessionTitleTests {
    @Test(arguments: [
        ("hello", "hello"), ("  What  is\tthe   time? ", "What is the time?"), ("\n\n  \nFirst\nSecond", "First"),
        ("One\r\nTwo", "One"), ("One\u{2028}Two", "One"),
        (String(repeating: "a", count: 60), String(repeating: "a", count: 60)),
        (String(repeating: "a", count: 61), String(repeating: "a", count: 59) + "…"),
        (String(repeating: "four ", count: 20), String(repeating: "four ", count: 11) + "four…"),
        (String(repeating: "é", count: 61), String(repeating: "é", count: 59) + "…"),
        ("\u{1B}[31mred\u{7} \u{1} alert", "[31mred alert"),
    ]) func isTheFirstWords(_ question: String, _ title: String) {
        #expect(SessionTitle.of(question) == title)
    }

    @Test(arguments: ["", " ", "\n\t \r\n"]) func isMissingWhereNothingIsToBeSeen(_ question: String) {
        #expect(SessionTitle.of(question) == nil)
    }

    @Test func isShortHoweverLongAQuestionIs() throws {
        for piece in ["a", "a ", "\u{301}", "👨‍👩‍👧‍👦"] {
            let title = try #require(SessionTitle.of(String(repeating: piece, count: 200_000)))
            #expect(title.count <= SessionTitle.longest && title.utf8.count <= Limits.titleBytes)
        }
    }
}
