import AgentTestKit

/// Cuts the power at many points of a day, starts the daemon's cellar on what is left, and judges it.
struct PowerCampaign: Sendable {
    /// One power cut.
    struct Cut: Sendable {
        let point: Int
        let mode: PowerCut.Mode
        let seed: UInt64
    }

    let recording: DiskRecording
    let testimony: Testimony
    /// For each point, the last one before it at which the log was synced.
    private let sealed: [Int]

    init(_ recording: DiskRecording, _ testimony: Testimony) {
        self.recording = recording
        self.testimony = testimony
        var last = 0
        var sealed = [0]
        for (index, operation) in recording.operations.enumerated() {
            if operation.sealsLog { last = index }
            sealed.append(last)
        }
        self.sealed = sealed
    }

    /// So many power cuts, spread by a seed, on two threads.
    func play(states: Int, seed: UInt64) async throws -> PowerVerdict {
        var random = SeededRandom(seed: seed)
        let cuts = (0..<states).map { _ in
            Cut(
                point: random.below(recording.operations.count + 1), mode: random.pick(PowerCut.Mode.allCases),
                seed: random.next())
        }.sorted { $0.point < $1.point }
        let half = cuts.count / 2
        return try await withThrowingTaskGroup(of: PowerVerdict.self) { group in
            for share in [cuts[..<half], cuts[half...]] { group.addTask { try await play(Array(share)) } }
            var verdict = PowerVerdict()
            for try await part in group { verdict.add(part) }
            return verdict
        }
    }

    /// Power cuts in the order of their points.
    private func play(_ cuts: [Cut]) async throws -> PowerVerdict {
        var verdict = PowerVerdict()
        var walk = PowerCut(recording)
        for cut in cuts {
            walk.advance(to: cut.point)
            let before = verdict.findings.count
            try await judge(walk.files(cut.mode, seed: cut.seed), cut, &verdict)
            if verdict.findings.count > before { verdict.name(cut, from: before) }
        }
        return verdict
    }

    private func judge(_ files: [DiskFile], _ cut: Cut, _ verdict: inout PowerVerdict) async throws {
        let directory = try TemporaryDirectory()
        let disk = try FaultyDisk(directory.path)
        for file in files { try file.write(to: directory.path) }
        do {
            try await PowerHouse.restart(in: directory.path)
        } catch {
            return verdict.judge(failedStart: error)
        }
        // With all of it kept the process alone has ended: nothing that was committed may be missing.
        let text = cut.mode == .kept ? cut.point : sealed[cut.point]
        try verdict.judge(directory.path, testimony, point: cut.point, sealed: text)
        withExtendedLifetime(disk) {}
    }
}
