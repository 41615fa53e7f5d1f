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
            if operation.isSync(of: "agentd.db-wal") { last = index }
            sealed.append(last)
        }
        self.sealed = sealed
    }

    /// So many power cuts, spread by a seed, on two threads.
    func play(states: Int, seed: UInt64) async throws -> PowerVerdict {
        try await playTwice(states: states, secondCuts: 0, seed: seed)
    }

    /// Power cuts, and so many more in the restart that follows on each.
    func playTwice(states: Int, secondCuts: Int, seed: UInt64) async throws -> PowerVerdict {
        try await play(cuts(states, upTo: recording.operations.count, seed: seed), secondCuts: secondCuts)
    }

    /// Power cuts after everything that was done.
    func playEnd(states: Int, seed: UInt64) async throws -> PowerVerdict {
        let end = recording.operations.count
        return try await play(cuts(states, upTo: 0, seed: seed).map { Cut(point: end, mode: $0.mode, seed: $0.seed) })
    }

    /// Restarts after the end of the process, each with one disk call that fails, until no call is left that could; and
    /// after each a restart on a disk that is well. Returns how many calls failed, too.
    func playFaults(in calls: DiskCall, isForGood: Bool) async throws -> (verdict: PowerVerdict, faults: Int) {
        let end = recording.operations.count
        let files = recording.files(at: end, .kept, seed: 0)
        var verdict = PowerVerdict()
        var fault = DiskFault(calls, nth: 1, isForGood: isForGood)
        while true {
            let directory = try TemporaryDirectory()
            let disk = try FaultyDisk(directory.path)
            for file in files { try file.write(to: directory.path) }
            disk.fail(fault)
            do {
                try await PowerHouse.restart(in: directory.path)
            } catch {
                // The daemon does not start, and says so.
                guard disk.failures > 0 else { throw error }
            }
            guard disk.failures > 0 else { return (verdict, fault.nth - 1) }
            disk.heal()
            try await PowerHouse.restart(in: directory.path)
            try verdict.judge(directory.path, testimony, point: end, sealed: end)
            fault.nth += 1
        }
    }

    /// Cuts in the order of their points; every mode has its turn.
    private func cuts(_ count: Int, upTo end: Int, seed: UInt64) -> [Cut] {
        var random = SeededRandom(seed: seed)
        let modes = PowerCut.Mode.allCases
        return (0..<count).map { index in
            Cut(point: random.below(end + 1), mode: modes[index % modes.count], seed: random.next())
        }.sorted { $0.point < $1.point }
    }

    private func play(_ cuts: [Cut], secondCuts: Int = 0) async throws -> PowerVerdict {
        let half = cuts.count / 2
        return try await withThrowingTaskGroup(of: PowerVerdict.self) { group in
            for share in [cuts[..<half], cuts[half...]] { group.addTask { try await walk(share, secondCuts) } }
            var verdict = PowerVerdict()
            for try await part in group { verdict.add(part) }
            return verdict
        }
    }

    private func walk(_ cuts: ArraySlice<Cut>, _ secondCuts: Int) async throws -> PowerVerdict {
        var verdict = PowerVerdict()
        var walk = PowerCut(recording)
        for cut in cuts {
            walk.advance(to: cut.point)
            let known = verdict.findings.count
            let restart = try await judge(
                walk.files(cut.mode, seed: cut.seed), cut, isRecorded: secondCuts > 0, &verdict)
            for second in self.cuts(secondCuts, upTo: restart.operations.count, seed: cut.seed) {
                let files = restart.files(at: second.point, second.mode, seed: second.seed)
                _ = try await judge(files, cut, &verdict)
            }
            verdict.name(cut, from: known)
        }
        return verdict
    }

    /// Restarts on what a power cut has left, and judges; returns what the restart did to the disk.
    private func judge(
        _ files: [DiskFile], _ cut: Cut, isRecorded: Bool = false, _ verdict: inout PowerVerdict
    ) async throws -> DiskRecording {
        let directory = try TemporaryDirectory()
        let disk = try FaultyDisk(directory.path)
        for file in files { try file.write(to: directory.path) }
        // Of what is deleted nothing is left where a process ends; a power cut may bring it back until the next start.
        if cut.mode == .kept { verdict.judge(files, testimony, point: cut.point) }
        if isRecorded { try disk.record() }
        do {
            try await PowerHouse.restart(in: directory.path)
        } catch {
            verdict.judge(failedStart: error)
            return disk.recording
        }
        // With all of it kept the process alone has ended: nothing that was committed may be missing.
        let text = cut.mode == .kept ? cut.point : sealed[cut.point]
        try verdict.judge(directory.path, testimony, point: cut.point, sealed: text)
        let left = try DiskFile.all(in: directory.path, prefix: "agentd.db")
        verdict.judge(left, testimony, point: cut.point)
        return disk.recording
    }
}
