/// What a series of kills showed, in numbers.
struct KillFigures: CustomStringConvertible {
    private(set) var kills = 0
    private(set) var frames = 0
    private(set) var missing = 0
    private(set) var runs = 0
    private(set) var recovered = 0
    private(set) var stops = 0
    private(set) var findings: [String] = []

    mutating func add(_ verdict: KillVerdict, kills: Int) {
        self.kills += kills
        frames += verdict.frames
        missing += verdict.missing
        runs += verdict.runs
        recovered += verdict.recovered
        stops += verdict.stops
        findings += verdict.findings
    }

    var description: String {
        """
        \(kills) kills, \(frames) frames checked, \(missing) missing, \(runs) runs (\(recovered) closed by recovery), \
        \(stops) acknowledged stops, \(findings.count) findings
        """
    }
}
