import AgentLoop
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
    private static let states = number("AGENTD_POWER_STATES") ?? 4000

    @Test("keeps everything that was acknowledged, and nothing in part")
    func keepsEverythingThatWasAcknowledged() async throws {
        let (seed, states) = (Self.seed, Self.states)
        let started = ContinuousClock.now
        let day = try await PowerDay.play(seed: seed, lives: 2, steps: 260)
        let checkpoints = day.recording.operations.count { $0.isSync(of: "agentd.db") }
        print("power: seed \(seed), \(day.recording.operations.count) operations, \(checkpoints) checkpoints")
        let verdict = try await PowerCampaign(day.recording, day.testimony).play(states: states, seed: seed)
        print("power: \(verdict), in \(ContinuousClock.now - started)")
        #expect(verdict.isClean, "seed \(seed): \(verdict)\n\(verdict.report)")
        #expect(day.testimony.findings.isEmpty)
        // Otherwise there was too little to lose: each life ends with a checkpoint, some come while it lasts.
        #expect(day.recording.operations.count > 3000 && checkpoints > 2 && verdict.recovered > states / 10)
        #expect(day.writers == [1, 1], "connections that wrote, for each life of the daemon")
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
