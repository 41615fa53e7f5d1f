import AgentLoop
import AgentTestKit

/// What came of all cells.
@LoopActor struct FaultReport {
    /// One cell: a fault at a position in a format.
    struct Place: Hashable, Sendable {
        let row: Int
        let position: FaultPosition
        let format: WireFormat
    }

    /// One trial of a cell, once with a fault that stays, once with one that heals.
    private struct Job: Sendable {
        let place: Place
        let trial: FaultTrial
        let heals: Bool
    }

    private var found: [Place: [String]] = [:]

    var count: Int { found.count }
    var asTold: Int { found.values.count { $0.isEmpty } }
    var problems: [String] {
        found.sorted { $0.key.order < $1.key.order }.flatMap { place, problems in
            problems.map { "\(place.row) \(place.position) \(place.format): \($0)" }
        }
    }

    /// Runs every trial, so many at once; those that trouble the whole loop one after another.
    static func run(_ rows: [FaultRow], width: Int) async -> FaultReport {
        let all = jobs(rows)
        var report = FaultReport()
        for job in all { report.found[job.place] = [] }
        await report.run(all.filter { !$0.trial.fault.isAlone }, width: width)
        await report.run(all.filter(\.trial.fault.isAlone), width: 1)
        return report
    }

    private static func jobs(_ rows: [FaultRow]) -> [Job] {
        var jobs: [Job] = []
        for row in rows {
            for (position, cell) in row.cells {
                guard case .trials(let trials) = cell else { continue }
                for format in WireFormat.allCases {
                    let place = Place(row: row.number, position: position, format: format)
                    for trial in trials {
                        jobs.append(Job(place: place, trial: trial, heals: false))
                        let isOurs = trial.fault.address == nil
                        if case .failsAgain = trial.expected, isOurs {
                            jobs.append(Job(place: place, trial: trial, heals: true))
                        }
                    }
                }
            }
        }
        return jobs.sorted { $0.place.order < $1.place.order }
    }

    private mutating func run(_ jobs: [Job], width: Int) async {
        let found = await withTaskGroup(of: Result.self, returning: [Result].self) { group in
            var results: [Result] = []
            for (number, job) in jobs.enumerated() {
                if number >= width, let result = await group.next() { results.append(result) }
                group.addTask { await Self.result(of: job) }
            }
            while let result = await group.next() { results.append(result) }
            return results
        }
        for result in found { self.found[result.place]? += result.problems }
    }

    private struct Result: Sendable {
        let place: Place
        let problems: [String]
    }

    private static func result(of job: Job) async -> Result {
        let problems = await FaultRun.problems(job.trial, job.place.position, job.place.format, heals: job.heals)
        let name = job.trial.fault.name + (job.heals ? ", healing" : "")
        return Result(place: job.place, problems: problems.map { "\(name): \($0)" })
    }

    // MARK: Printing

    /// The table with a cell for each position and format, `!` where something is not as it says.
    func table(_ rows: [FaultRow]) -> String {
        let width = 13
        let columns = FaultPosition.allCases.flatMap { position in WireFormat.allCases.map { (position, $0) } }
        var lines = ["", "faults by position; each cell for openai and anthropic; x2: the request is made again"]
        lines.append(
            "".padded(54) + FaultPosition.allCases.map { "\($0)".padded(2 * width) }.joined())
        var reasons: [String] = []
        for row in rows {
            var line = "\(row.number)".padded(4) + row.title.padded(50)
            for (position, format) in columns {
                switch row.cells[position] {
                case .trials(let trials):
                    var marks: [String] = []
                    for trial in trials where !marks.contains(trial.expected.mark) { marks.append(trial.expected.mark) }
                    let isGood = found[Place(row: row.number, position: position, format: format)]?.isEmpty == true
                    let mark = marks.count > 1 ? "\(marks[0]) +\(marks.count - 1)" : marks[0]
                    line += ((isGood ? "" : "!") + mark).padded(width)
                case .meaningless, nil: line += "n/a".padded(width)
                }
            }
            lines.append(line)
            let why = Set(row.cells.values.compactMap { if case .meaningless(let why) = $0 { why } else { nil } })
            if !why.isEmpty { reasons.append("n/a in \(row.number): \(why.sorted().joined(separator: "; "))") }
        }
        lines += reasons
        lines.append("cells as the table says: \(asTold) of \(count)")
        return lines.joined(separator: "\n")
    }
}

extension FaultReport.Place {
    /// The order of the table.
    fileprivate var order: Int { row * 100 + position.rawValue * 10 + (format == .openai ? 0 : 1) }
}

extension String {
    /// The text with blanks up to a width, and one at least.
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
