import AgentProtocol

/// The time that a provider asks to wait before the next try.
enum RetryDelay {
    /// Headers that give it, the more exact one first; a number or a date in any of the forms of RFC 9110.
    static func read(_ headers: [(name: String, value: String)], now: Timestamp) -> Duration? {
        if let value = headers.value(of: "retry-after-ms"), let milliseconds = number(value) {
            return duration(seconds: milliseconds / 1000)
        }
        guard let value = headers.value(of: "retry-after") else { return nil }
        if let seconds = seconds(value[...]) { return seconds }
        guard let date = HTTPDate.read(value) else { return nil }
        return .milliseconds(max(0, date.milliseconds - now.milliseconds))
    }

    /// A number of seconds, with or without a fraction; what lies in the past is no time at all.
    static func seconds(_ text: Substring) -> Duration? { number(String(text)).map(duration) }

    private static func number(_ text: String) -> Double? {
        guard let trimmed = text.split(separator: " ").first, let value = Double(trimmed), value.isFinite else {
            return nil
        }
        return value
    }

    /// Rounded up to milliseconds, so that it is never too early, and bounded to what a duration holds.
    private static func duration(seconds: Double) -> Duration {
        .milliseconds(Int64(min(max(0, seconds), 1e9) * 1000 + 0.999))
    }
}

extension [(name: String, value: String)] {
    /// The value of a header, whose name is given in lower case.
    func value(of name: String) -> String? { first { $0.name.lowercased() == name }?.value }
}
