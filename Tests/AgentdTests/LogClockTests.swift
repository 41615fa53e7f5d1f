import Testing

@testable import agentd

@Suite struct LogClockTests {
    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000Z"), (1_709_210_096, 7_999_999, "2024-02-29T12:34:56.007Z"),
        (4_102_444_799, 999_999_999, "2099-12-31T23:59:59.999Z"),
    ]) func writesTheTimeOfTheWorld(seconds: Int, nanoseconds: Int, text: String) {
        #expect(LogClock.text(seconds: seconds, nanoseconds: nanoseconds) == text)
    }
}
