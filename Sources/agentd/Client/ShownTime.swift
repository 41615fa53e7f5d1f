import AgentProtocol
import Glibc

/// The ledger's moments as people and programs read them.
enum ShownTime {
    /// A moment for an output: on a terminal the local date and minute, else RFC 3339 in UTC; empty for none.
    static func text(_ milliseconds: Int64?, on output: Terminal = .output) -> String {
        guard let milliseconds else { return "" }
        guard output.isTerminal else { return LogClock.text(Timestamp(milliseconds: milliseconds)) }
        return local(milliseconds)
    }

    private static func local(_ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M", &parts)
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension ShownTime {
    /// A duration in milliseconds with one digit behind the point.
    static func milliseconds(_ duration: Duration) -> String {
        let tenths = Int64((duration / .microseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
