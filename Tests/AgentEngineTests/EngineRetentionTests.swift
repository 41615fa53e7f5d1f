import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentEngine

@Suite struct EngineRetentionTests {
    private let house = SimulatedHouse()
    private final class Erased { var deletions: [Deletion] = [] }
    private let erased = Erased()

    private var sessions: Set<String> { Set(house.journal.tables.sessions.keys.map(\.text)) }

    private func retain(age: Duration? = nil, bytes: Int64? = nil) {
        house.engine.retain(RetentionPolicy(age: age, bytes: bytes)) { [erased] in
            erased.deletions.append($0)
            #expect($1 == nil)
        }
        passTime(.seconds(60))
    }

    private func passTime(_ duration: Duration) {
        house.environment.advance(by: duration)
        house.turn()
    }

    /// A daemon that goes down looks no more.
    private func rest() {
        house.engine.drain()
        passTime(.seconds(60))
        house.expectRest()
    }

    @Test func whatHasNotChangedForSoLongGoes() {
        for number in 1...20 { house.converse("hello", "hi", session: "old\(number)") }
        passTime(.seconds(86_400))
        house.converse("hello", "hi", session: "new")
        house.converse("hello", "again", session: "old7")
        retain(age: .seconds(86_400))
        passTime(.seconds(60))
        #expect(sessions == ["new", "old7"])
        #expect(erased.deletions.count == 1 && erased.deletions.first?.sessions == 19)
        #expect(house.journal.scrubs == 1)
        passTime(.seconds(86_400))
        #expect(sessions.isEmpty && erased.deletions.count == 2)
        rest()
    }

    @Test func anOpenRunKeepsItsConversation() {
        _ = house.start("hello", session: "live")
        passTime(.seconds(120))
        retain(age: .seconds(60))
        #expect(sessions == ["live"] && erased.deletions.isEmpty)
        house.provider.lastCall.end()
        house.turn()
        passTime(.seconds(120))
        #expect(sessions.isEmpty)
        rest()
    }

    @Test func whatIsTooMuchGoesFromTheOldestOn() {
        for number in 1...30 {
            house.converse("hello", "hi", session: "s\(number)")
            passTime(.seconds(1))
        }
        house.journal.bytesPerSession = 100
        retain(bytes: 1500)
        #expect(sessions.count <= 15 && sessions.contains("s30") && !sessions.contains("s1"))
        // Not more than a bite beyond what is needed.
        #expect(sessions.count > 15 - 8)
        rest()
    }

    @Test func withoutALimitNothingGoesAndNobodyLooks() {
        house.converse("hello", "hi", session: "s1")
        let timers = house.environment.armedTimers
        retain()
        #expect(house.environment.armedTimers == timers)
        passTime(.seconds(1000 * 86_400))
        #expect(sessions == ["s1"])
    }

    @Test func aDrainingDaemonRemovesNothing() {
        house.converse("hello", "hi", session: "s1")
        passTime(.seconds(86_400 * 2))
        house.engine.drain()
        retain(age: .seconds(86_400))
        #expect(sessions == ["s1"])
    }
}
