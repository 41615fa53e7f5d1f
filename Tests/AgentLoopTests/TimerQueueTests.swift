import AgentTestKit
import Testing

@testable import AgentLoop

@Suite struct TimerQueueTests {
    init() { LoopFixture.start() }

    /// Deadlines are rounded up to the next whole millisecond.
    private static func rounded(_ deadline: Int64) -> Int64 { (deadline / 1_000_000 + 1) * 1_000_000 }

    @Test(arguments: 1...4) @LoopActor func behavesLikeAListThatIsSearched(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = TimerQueue()
        let timers = (0..<200).map { _ in LoopTimer {} }
        var model: [Int: Int64] = [:]
        var now: Int64 = 0
        for _ in 0..<5_000 {
            let index = Int.random(in: timers.indices, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let deadline = now + Int64.random(in: 0..<50_000_000, using: &random)
                queue.arm(timers[index], at: deadline)
                model[index] = Self.rounded(deadline)
            case 6..<8:
                queue.disarm(timers[index])
                model[index] = nil
            default:
                now += Int64.random(in: 0..<5_000_000, using: &random)
                while let due = queue.popDue(now) {
                    guard let place = timers.firstIndex(where: { $0 === due }), let deadline = model[place] else {
                        Issue.record("a timer fired that was not armed")
                        return
                    }
                    #expect(deadline <= now && deadline == model.values.min())
                    model[place] = nil
                }
                #expect(model.values.allSatisfy { $0 > now })
            }
            #expect(queue.nextDeadline == model.values.min())
            #expect(timers[index].isArmed == (model[index] != nil))
        }
    }

    @Test @LoopActor func givesTheSlotOfADeadTimerToTheNext() {
        var queue = TimerQueue()
        for round in 0..<1_000 {
            let timer = LoopTimer {}
            queue.arm(timer, at: Int64(round) * 1_000_000)
            #expect(timer.slot == 0)
            queue.disarm(timer)
        }
        #expect(queue.nextDeadline == nil)
    }

    @Test @LoopActor func keepsNoTimerThatHasBeenTakenOut() {
        var queue = TimerQueue()
        weak var seen: LoopTimer?
        do {
            let timer = LoopTimer {}
            seen = timer
            queue.arm(timer, at: 0)
            #expect(queue.popDue(1_000_000) === timer)
        }
        #expect(seen == nil)
    }
}
