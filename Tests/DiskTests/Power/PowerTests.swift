import AgentLoop
import AgentStore
import AgentTestKit
import Glibc
import Testing

@Suite("A ledger whose power fails at any moment", .ownThread)
struct PowerTests {
    init() { LoopFixture.start() }

    /// A number from the environment.
    private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

    private static let seed = UInt64(number("AGENTD_SEED") ?? Int.random(in: 0...Int(UInt32.max)))
    /// How many power cuts a test plays, unless the environment says otherwise.
    private static let states = number("AGENTD_POWER_STATES") ?? 1500

    @Test("keeps everything that was acknowledged, and nothing in part")
    func keepsEverythingThatWasAcknowledged() async throws {
        let (seed, states) = (Self.seed, Self.states)
        let started = ContinuousClock.now
        var verdict = PowerVerdict()
        var (operations, checkpoints, deletions, givenBack) = (0, 0, 0, 0)
        // A day with long answers and one that is long itself, in which the log is checkpointed, deltas are swept and
        // pages given back while the daemon lives; and short ones, which cost less to judge.
        let days = [(steps: 30, share: 5), (260, 15), (60, 20), (60, 20), (60, 20), (60, 20)]
        for (index, (steps, share)) in days.enumerated() {
            let day = try await PowerDay.play(seed: seed &+ UInt64(index), lives: 2, steps: steps, isLong: index == 0)
            let ends = day.recording.operations.count { $0.isSync(of: "agentd.db") }
            #expect(steps < 260 || ends > 2, "each life ends with a checkpoint; some must come while it lasts")
            #expect(day.testimony.findings.isEmpty)
            #expect(day.writers == [1, 1], "connections that wrote, for each life of the daemon")
            operations += day.recording.operations.count
            checkpoints += ends
            deletions += day.deletions
            givenBack += day.givenBack
            verdict.add(
                try await PowerCampaign(day.recording, day.testimony).play(states: states * share / 100, seed: seed))
        }
        print(
            "power: seed \(seed), \(operations) operations on the disk, \(checkpoints) checkpoints,",
            "\(deletions) deletions, \(givenBack) bytes given back")
        print("power: \(verdict), in \(ContinuousClock.now - started)")
        #expect(verdict.isClean, "seed \(seed): \(verdict)\n\(verdict.report)")
        // Otherwise there was too little to lose.
        #expect(operations > 6000 && verdict.recovered > states / 10 && verdict.waiting > 0)
        #expect(deletions > 5 && givenBack > 1 << 20)
    }

    @Test("keeps it also when the power fails again during recovery")
    func keepsItWhenThePowerFailsDuringRecovery() async throws {
        let (seed, states) = (Self.seed, max(40, Self.states / 50))
        let day = try await PowerDay.play(seed: seed, lives: 1, steps: 80)
        let verdict = try await PowerCampaign(day.recording, day.testimony)
            .playTwice(states: states, secondCuts: 4, seed: seed)
        print("power, twice: seed \(seed), \(verdict)")
        #expect(verdict.isClean, "seed \(seed): \(verdict)\n\(verdict.report)")
        #expect(verdict.states == states * 5 && verdict.recovered > states)
    }

    @Test("keeps it also when a disk call fails during recovery", arguments: [false, true])
    func keepsItWhenTheDiskFailsDuringRecovery(isForGood: Bool) async throws {
        let seed = Self.seed
        let day = try await PowerDay.play(seed: seed, lives: 1, steps: 40)
        // Where the last run was accepted, there is one to be closed.
        let point = day.testimony.runs.values.map(\.position).max() ?? 0
        let part = DiskRecording(operations: Array(day.recording.operations.prefix(point)))
        let campaign = PowerCampaign(part, day.testimony)
        var total = PowerVerdict()
        var faults: [String] = []
        for (name, call) in DiskCall.each {
            let (verdict, count) = try await campaign.playFaults(in: call, isForGood: isForGood)
            total.add(verdict)
            faults.append("\(count) \(name)")
        }
        print("power, recovery fails \(isForGood ? "for good" : "once"): seed \(seed), \(faults), \(total)")
        #expect(total.isClean, "seed \(seed): \(total)\n\(total.report)")
        #expect(total.states > 50 && total.recovered > 0)
    }

    @Test("takes the reserve again that a recovery on a full disk has needed")
    @LoopActor func takesTheReserveAgain() async throws {
        let day = try await PowerDay.play(seed: Self.seed, lives: 1, steps: 40)
        let point = day.testimony.runs.values.map(\.position).max() ?? 0
        let files = day.recording.files(at: point, .kept, seed: 0)
        var nth = 1
        while true {
            let directory = try TemporaryDirectory()
            let disk = try FaultyDisk(directory.path)
            for file in files { try file.write(to: directory.path) }
            disk.fail(DiskFault(.write, nth: nth, failure: .full))
            let ledger = try Ledger(path: PowerHouse.database(in: directory.path))
            try PowerHouse.recover(ledger, ManualEnvironment(names: 1_000_000))
            if disk.failures > 0 {
                #expect(ledger.lastError != nil, "write \(nth)")
                try #require(await eventually { directory.names.contains("agentd.reserve") }, "write \(nth)")
            }
            try ledger.close()
            guard disk.failures > 0 else { break }
            nth += 9
        }
        #expect(nth > 20)
    }

    @Test("has flowing text on the disk soon, also when nothing else is written")
    @LoopActor func hasFlowingTextOnTheDiskSoon() async throws {
        let directory = try TemporaryDirectory()
        let disk = try FaultyDisk(directory.path)
        try disk.record()
        let house = try PowerHouse(in: directory.path, on: disk, ManualEnvironment(), PowerHouse.Book())
        house.run("hello", session: "s1", user: "u1")
        await house.settle()
        house.provider.lastCall.say("a word")
        await house.settle()
        let told = disk.position
        #expect(
            await eventually {
                disk.position > told
                    && disk.recording.operations.dropFirst(told).contains { $0.isSync(of: "agentd.db-wal") }
            })
        try house.close()
    }

    @Test("acknowledges nothing after the first sync that failed, and says so", arguments: [false, true])
    func acknowledgesNothingAfterAFailedSync(isForGood: Bool) async throws {
        let seed = Self.seed
        var total = PowerVerdict()
        var nth = 1
        while let day = try await PowerDay.play(
            seed: seed, steps: 30, fault: DiskFault(.sync, nth: nth, isForGood: isForGood))
        {
            #expect(day.testimony.findings.isEmpty, "seed \(seed), sync \(nth)")
            // What the failed sync should have made sure of may be gone.
            total.add(try await PowerCampaign(day.recording, day.testimony).playEnd(states: 4, seed: seed))
            nth += 1
        }
        print("power, sync fails: seed \(seed), \(nth - 1) syncs, \(total)")
        #expect(total.isClean, "seed \(seed): \(total)\n\(total.report)")
        #expect(nth > 10)
    }
}
