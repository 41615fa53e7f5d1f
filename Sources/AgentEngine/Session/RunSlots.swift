import AgentProtocol

/// Decides how many runs work at once, over all conversations, and who is next when a place becomes free: the one that
/// was accepted first.
struct RunSlots {
    /// How many may work at once.
    let limit: Int
    /// Those that work.
    private(set) var holders: Set<RunID> = []
    private var line: [(order: Int, run: RunID)] = []

    init(limit: Int) {
        precondition(limit > 0, "nobody could ever work")
        self.limit = limit
    }

    /// Whether one who arrives finds a place.
    var hasRoom: Bool { holders.count < limit }

    /// Those that wait for a place and for nothing else.
    var waiting: Int { line.count }

    /// A run wants to work; `order` counts acceptances. False when it has to wait, which it then does: also when a place
    /// is free and others wait for it.
    mutating func take(_ run: RunID, order: Int) -> Bool {
        guard !hasRoom || !line.isEmpty else {
            holders.insert(run)
            return true
        }
        let place = line.lastIndex { $0.order < order }.map { $0 + 1 } ?? 0
        line.insert((order, run), at: place)
        return false
    }

    /// A run needs neither its place nor its turn any more.
    mutating func leave(_ run: RunID) {
        if holders.remove(run) == nil { line.removeAll { $0.run == run } }
    }

    /// Gives a free place to the one whose turn it is.
    mutating func next() -> RunID? {
        guard hasRoom, !line.isEmpty else { return nil }
        let run = line.removeFirst().run
        holders.insert(run)
        return run
    }
}
