/// The durations of the last few hundred commits.
struct LatencyWindow {
    private static let size = 512
    private var nanoseconds: [Int64] = []
    private var next = 0

    mutating func add(nanoseconds value: Int64) {
        if nanoseconds.count < Self.size {
            nanoseconds.append(value)
        } else {
            nanoseconds[next] = value
            next = (next + 1) % Self.size
        }
    }

    /// The duration that 99 of 100 commits did not exceed; nil before the first.
    var p99: Duration? {
        guard !nanoseconds.isEmpty else { return nil }
        let sorted = nanoseconds.sorted()
        return .nanoseconds(sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
    }
}
