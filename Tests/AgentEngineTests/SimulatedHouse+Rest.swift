import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentEngine

extension SimulatedHouse {
    /// Notes what the engine still holds on to when nothing is under way.
    func findLeftovers() {
        violations.expect(engine.pending.isEmpty, "\(engine.pending.count) runs are under decision")
        violations.expect(engine.bound.isEmpty, "\(engine.bound.count) clients have bound runs")
        violations.expect(engine.gates.isEmpty, "\(engine.gates.count) gates are kept")
        violations.expect(engine.namesakes.isEmpty, "\(engine.namesakes.count) names are waited for")
        violations.expect(engine.slots.holders.isEmpty, "\(engine.slots.holders.count) slots are taken")
        violations.expect(engine.newcomers == 0, "\(engine.newcomers) runs are still to come")
        violations.expect(engine.slots.waiting == 0, "\(engine.slots.waiting) runs wait for a slot")
        violations.expect(engine.dirty.isEmpty, "\(engine.dirty.count) runs are dirty")
    }

    /// Checks that nothing is under way and that no promise was broken.
    func expectRest(sourceLocation: SourceLocation = #_sourceLocation) {
        Invariants(self).atRest()
        findLeftovers()
        #expect(violations.found == [], sourceLocation: sourceLocation)
    }

    /// The roles of a request's messages with what they say, as `role: text`.
    func told(_ call: SimulatedCall) -> [String] {
        call.request.messages.map { "\($0.role): \($0.content)" }
    }
}
