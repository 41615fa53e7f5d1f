import AgentLoop
import Glibc

/// Beats on the loop every millisecond, and so notices how long the loop was away, and what memory it took meanwhile.
@LoopActor final class Heartbeat {
    private static let period: Int64 = 1_000_000

    /// The longest time that the loop did not come round, in nanoseconds.
    private(set) var longest: Int64 = 0
    /// The most processor time that the loop's thread took between two beats, in nanoseconds.
    private(set) var busiest: Int64 = 0
    private(set) var beats = 0
    /// The most memory that the process had, beyond what it had at the beginning.
    var growth: Int { peak - start }
    private let start: Int
    private var peak: Int
    private var beatAt: Int64 = 0
    private var worked: Int64 = 0
    private lazy var timer = LoopTimer { [unowned self] in beat() }

    init() {
        start = Memory.resident
        peak = start
        beatAt = EventLoop.shared.clock
        worked = Self.processorTime
        timer.arm(at: beatAt + Self.period)
    }

    private static var processorTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private func beat() {
        let now = EventLoop.shared.clock
        let work = Self.processorTime
        // The first beat is armed by the test's own turn.
        if beats > 0 {
            longest = max(longest, now - beatAt)
            busiest = max(busiest, work - worked)
        }
        beats += 1
        if beats % 16 == 0 { peak = max(peak, Memory.resident) }
        (beatAt, worked) = (EventLoop.shared.clock, Self.processorTime)
        timer.arm(at: beatAt + Self.period)
    }

    func stop() {
        peak = max(peak, Memory.resident)
        timer.cancel()
    }
}

/// What the process has of the machine's memory.
enum Memory {
    /// Resident bytes.
    static var resident: Int {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(file, &text, text.count)
        let fields = String(decoding: text[..<max(0, count)], as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
