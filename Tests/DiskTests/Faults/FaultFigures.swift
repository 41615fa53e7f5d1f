/// What came of many plays.
struct FaultFigures: CustomStringConvertible {
    /// Plays in which the fault came.
    private(set) var plays = 0
    private var ends: [String: Int] = [:]
    private var refusals: [String: Int] = [:]
    private var slowestRefusal = Duration.zero
    private var slowestReturn = Duration.zero
    private(set) var findings: [String] = []

    mutating func add(_ play: FaultPlay) {
        findings += play.findings
        guard play.end != .untouched else { return }
        plays += 1
        ends["\(play.end)", default: 0] += 1
        slowestRefusal = max(slowestRefusal, play.slowestRefusal)
        slowestReturn = max(slowestReturn, play.slowestReturn)
        for code in play.refusals { refusals[code, default: 0] += 1 }
    }

    /// The first few findings.
    var report: String { findings.prefix(5).joined(separator: "\n") }

    var description: String {
        let ends = ends.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let refusals = refusals.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let returned =
            slowestReturn == .zero
            ? "" : "; refused within \(slowestRefusal), a run was accepted \(slowestReturn) after there was room"
        return "\(plays) faults: \(ends); refused: \(refusals.isEmpty ? "nothing" : refusals)\(returned)"
    }
}
