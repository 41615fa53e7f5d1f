import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

/// Random traffic against the whole engine. A failing seed is named: `rehearse(seed:)` with it tells the same story.
@Suite struct SimulationTests {
    private func rehearse(seed: UInt64) -> RandomTraffic {
        var traffic = RandomTraffic(seed: seed)
        traffic.run(steps: 60)
        if traffic.house.violations.found.isEmpty { traffic.house.findLeftovers() }
        return traffic
    }

    @Test func everyPromiseHoldsWhateverHappens() {
        var failed = 0
        var seen: Set<String> = []
        for seed in UInt64(1)...2000 {
            let traffic = rehearse(seed: seed)
            note(traffic, in: &seen)
            let found = traffic.house.violations.found
            guard !found.isEmpty else { continue }
            Issue.record("seed \(seed): \(found.prefix(3).joined(separator: "; "))")
            failed += 1
            if failed == 5 { return }
        }
        // The traffic is worth something only if everything happens in it.
        #expect(Self.everything.subtracting(seen) == [])
    }

    private static let everything: Set<String> = [
        "completed stop", "completed length", "interrupted stop", "interrupted disconnect", "error daemon_restart",
        "error limit_steps", "error limit_time", "error model_unavailable", "error shutdown",
        "run accepted", "run agent_not_found", "run invalid_params", "run run_id_conflict", "run session_busy",
        "run session_not_found", "run storage_error", "stop stopping", "stop completed", "stop interrupted",
        "stop error", "stop run_not_active", "stop run_not_found", "stop storage_error", "step 3", "two crashes",
        "interrupted replaced", "run overloaded", "run queued", "run existing", "stop all", "moved", "restored",
    ]

    /// Notes what happened in a story.
    private func note(_ traffic: RandomTraffic, in seen: inout Set<String>) {
        if traffic.house.journal.tables.moves > 0 { seen.insert("moved") }
        if traffic.house.restoredRuns > 0 { seen.insert("restored") }
        if traffic.crashes > 1 { seen.insert("two crashes") }
        for run in traffic.house.journal.tables.runs.values.map(\.record) {
            let why = run.cancelReason?.rawValue ?? run.error?.code.rawValue ?? run.stopReason?.rawValue ?? ""
            seen.insert("\(run.status) \(why)")
        }
        for client in traffic.house.clients {
            for run in client.runs {
                seen.insert("run " + (run.refusal?.code.rawValue ?? "accepted"))
                if run.acceptance?.isExisting == true { seen.insert("run existing") }
                if run.acceptance?.status == .queued { seen.insert("run queued") }
            }
            for stop in client.stops {
                if stop.runIDs?.count ?? 0 > 1 { seen.insert("stop all") }
                seen.insert("stop " + (stop.status?.rawValue ?? stop.refusal?.code.rawValue ?? "cut"))
            }
        }
        for call in traffic.house.provider.calls { seen.insert("step \(call.request.step)") }
    }

    @Test(arguments: 1...50) func oneSeedIsOneStory(_ seed: Int) {
        let (first, second) = (rehearse(seed: UInt64(seed)), rehearse(seed: UInt64(seed)))
        #expect(first.house.trace == second.house.trace)
        #expect(first.house.trace != TraceHash())
    }
}
