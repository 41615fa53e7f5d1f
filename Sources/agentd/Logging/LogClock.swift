import AgentProtocol
import Glibc

/// Tells the time of a log line: RFC 3339, UTC, milliseconds.
enum LogClock {
    /// This moment, such as `2026-03-01T09:30:00.125Z`.
    static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return text(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    /// A moment of the ledger.
    static func text(_ moment: Timestamp) -> String {
        let (seconds, rest) = moment.milliseconds.quotientAndRemainder(dividingBy: 1000)
        return text(seconds: Int(seconds), nanoseconds: Int(rest) * 1_000_000)
    }

    /// A moment given as seconds and nanoseconds since 1970.
    static func text(seconds: Int, nanoseconds: Int) -> String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let date =
            "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-"
            + padded(Int(parts.tm_mday), 2)
        let time = "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
        return "\(date)T\(time).\(padded(nanoseconds / 1_000_000, 3))Z"
    }
}
