import AgentProtocol
import Testing

@testable import AgentEngine

@Suite struct RunSlotsTests {
    private var slots = RunSlots(limit: 2)

    private func name(_ text: String) -> RunID { RunID(trusted: text) }

    @Test mutating func takesSoManyAndLetsTheOthersWaitInTheOrderOfTheirAcceptance() {
        #expect(slots.take(name("a"), order: 1) == true)
        #expect(slots.take(name("b"), order: 2) == true)
        #expect(!slots.hasRoom && slots.holders.count == 2)
        #expect(slots.take(name("e"), order: 5) == false)
        #expect(slots.take(name("c"), order: 3) == false)
        #expect(slots.take(name("d"), order: 4) == false)
        #expect(slots.waiting == 3)
        #expect(slots.next() == nil)
        slots.leave(name("a"))
        #expect(slots.next() == name("c"))
        #expect(slots.next() == nil)
        slots.leave(name("c"))
        slots.leave(name("b"))
        #expect(slots.next() == name("d"))
        #expect(slots.next() == name("e"))
        #expect(slots.next() == nil)
        #expect(slots.holders.count == 2)
    }

    @Test mutating func nobodyOvertakesThoseWhoWaitForAFreePlace() {
        for (order, run) in ["a", "b", "c"].enumerated() { _ = slots.take(name(run), order: order) }
        slots.leave(name("a"))
        #expect(slots.hasRoom)
        #expect(slots.take(name("d"), order: 3) == false)
        #expect(slots.next() == name("c"))
    }

    @Test mutating func oneThatLeavesTheLineIsNotCalled() {
        for (order, run) in ["a", "b", "c", "d"].enumerated() { _ = slots.take(name(run), order: order) }
        slots.leave(name("c"))
        slots.leave(name("nobody"))
        slots.leave(name("a"))
        #expect(slots.next() == name("d"))
        #expect(slots.holders.count == 2 && slots.waiting == 0)
    }
}
