import AgentTestKit
import Glibc
import Testing

@Suite("A daemon that is killed at any moment", .ownThread, .serialized)
struct KillTests {
    /// Kills in one state directory: enough for recoveries upon recoveries, few enough for a whole check each time.
    private static let killsPerHome = 10

    /// A number from the environment.
    private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

    @Test("keeps every frame that any client received, and ends every run exactly once")
    func killedDaemonKeepsEveryFrameThatAnyClientReceived() throws {
        let kills = Self.number("AGENTD_KILLS") ?? 75
        // The seed decides what is asked and when the kill comes; what the two processes do meanwhile, they decide.
        let seed = Self.number("AGENTD_SEED") ?? Int.random(in: 0...Int(UInt32.max))
        var numbers = SeededRandom(seed: UInt64(seed))
        var total = KillFigures()
        var findings: [String] = []
        let started = ContinuousClock.now
        print("kill: seed \(seed)")
        for first in stride(from: 0, to: kills, by: Self.killsPerHome) {
            let count = min(Self.killsPerHome, kills - first)
            let verdict = try KillCampaign.play(kills: count, label: "\(first)", numbers: &numbers)
            total += verdict.figures
            findings += verdict.findings
            if !findings.isEmpty { break }
        }
        print("kill: \(total), \(findings.count) findings, in \(ContinuousClock.now - started)")
        try #require(
            total.missing == 0 && findings.isEmpty, "seed \(seed):\n\(findings.prefix(5).joined(separator: "\n"))")
        #expect(total.frames > kills * 50, "there was too little traffic for the test to mean something")
        #expect(total.recovered > 0 && total.stops > 0 && total.resumed > 0 && total.resent > 0 && total.deleted > 0)
        #expect(total.queued > 0 && total.begunLater > 0 && total.unbound > 0)
    }
}
