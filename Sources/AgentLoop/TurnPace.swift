/// Decides when a loop is so busy that its turns should be further apart.
///
/// Each turn costs something whatever it brings: a look at the descriptors, a commit, a wake-up. Where much arrives, a
/// fraction of a millisecond between turns makes each bring more, and everything cheaper. Where little does, nothing
/// waits.
struct TurnPace {
    /// How far apart the turns of a busy loop begin, in nanoseconds.
    static let spacing: Int64 = 500_000
    /// How long what has arrived is remembered, in nanoseconds.
    private static let memory = 16 * spacing
    /// Arrivals in that time that make a loop busy: four for each turn.
    private static let busyFrom = 64.0

    private var began: Int64 = 0
    /// What has arrived of late; what is older counts less.
    private var arrivals = 0.0

    /// A turn begins, with so many descriptors ready.
    mutating func turnBegan(at now: Int64, with arrived: Int) {
        let passed = Double(now - began) / Double(Self.memory)
        began = now
        arrivals = arrivals * max(0, 1 - passed) + Double(arrived)
    }

    /// When the next turn may begin; nil for at once.
    var rest: Int64? { arrivals >= Self.busyFrom ? began + Self.spacing : nil }
}
