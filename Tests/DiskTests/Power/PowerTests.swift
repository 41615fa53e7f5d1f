import AgentLoop
import AgentTestKit
import Glibc
import Testing

@Suite("A ledger whose power fails at any moment", .ownThread)
struct PowerTests {
    init() { LoopFixture.start() }

    /// A number from the environment.
    private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

    @Test("keeps everything that was acknowledged, and nothing in part")
    func keepsEverythingThatWasAcknowledged() async throws {
        let states = Self.number("AGENTD_POWER_STATES") ?? 4000
        let seed = UInt64(Self.number("AGENTD_SEED") ?? Int.random(in: 0...Int(UInt32.max)))
        print("power: seed \(seed)")
        let clock = ContinuousClock.now
        let day = try await PowerDay.play(seed: seed, lives: 3, steps: 160)
        let campaign = PowerCampaign(day.recording, day.testimony)
        let recorded = ContinuousClock.now - clock
        let verdict = try await campaign.play(states: states, seed: seed)
        print("power: \(day.recording.operations.count) operations, \(day.testimony.facts) facts in \(recorded)")
        print("power: \(verdict), in \(ContinuousClock.now - clock)")
        let findings = verdict.findings.prefix(5).joined(separator: "\n")
        #expect(verdict.isClean, "seed \(seed):\n\(findings)")
        #expect(day.testimony.findings.isEmpty)
        #expect(day.recording.operations.count > 2000 && verdict.recovered > states / 10)
        #expect(day.writers == [1, 1, 1], "connections that wrote, for each life of the daemon")
    }
}
