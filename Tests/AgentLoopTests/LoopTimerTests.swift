import AgentTestKit
import Testing

@testable import AgentLoop

@Suite struct LoopTimerTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func firesInTheOrderOfTheDeadlines() async {
        let fired = Notebook<Int64>()
        for delay in (1...40).map({ Int64($0 * 2) }).shuffled() {
            LoopTimer { fired.note(delay) }.arm(after: .milliseconds(delay))
        }
        #expect(await eventually { fired.entries.count == 40 })
        #expect(fired.entries == fired.entries.sorted())
    }

    @Test @LoopActor func neverFiresBeforeItsDelayIsOver() async {
        let early = Notebook<Int64>()
        var fired = 0
        for delay in 0..<30 {
            let armed = EventLoop.shared.clock
            LoopTimer {
                fired += 1
                let passed = EventLoop.shared.clock - armed
                if passed < Int64(delay) * 1_000_000 { early.note(passed) }
            }.arm(after: .milliseconds(delay))
        }
        #expect(await eventually { fired == 30 })
        #expect(early.entries.isEmpty)
    }

    @Test @LoopActor func countsTheDelayFromTheCallAndNotFromTheBeginningOfALongTurn() async {
        let start = EventLoop.shared.clock
        while EventLoop.shared.clock - start < 30_000_000 {}
        let armed = EventLoop.shared.clock
        await afterMilliseconds(20)
        #expect(EventLoop.shared.clock - armed >= 20_000_000)
    }

    @Test @LoopActor func firesOnceEachTimeItIsArmed() async {
        var count = 0
        let timer = LoopTimer { count += 1 }
        for expected in 1...3 {
            timer.arm(after: .milliseconds(1))
            #expect(timer.isArmed)
            #expect(await eventually { count == expected })
            #expect(!timer.isArmed)
        }
        await afterMilliseconds(10)
        #expect(count == 3)
    }

    @Test @LoopActor func armingAnewMovesTheDeadlineBothWays() async {
        var later = 0
        var sooner = 0
        let postponed = LoopTimer { later += 1 }
        postponed.arm(after: .milliseconds(5))
        postponed.arm(after: .seconds(3600))
        let hastened = LoopTimer { sooner += 1 }
        hastened.arm(after: .seconds(3600))
        hastened.arm(after: .milliseconds(5))
        #expect(await eventually { sooner == 1 })
        await afterMilliseconds(20)
        #expect(later == 0)
        #expect(postponed.isArmed)
        postponed.cancel()
    }

    @Test @LoopActor func aCancelledTimerIsSilentAndMayBeArmedAgain() async {
        var count = 0
        let timer = LoopTimer { count += 1 }
        timer.cancel()
        timer.arm(after: .milliseconds(2))
        timer.cancel()
        await afterMilliseconds(10)
        #expect(count == 0)
        timer.arm(after: .milliseconds(1))
        #expect(await eventually { count == 1 })
    }

    @Test @LoopActor func theLoopKeepsAnArmedTimerAliveAndLetsAFiredOneGo() async {
        var isDone = false
        weak var seen: LoopTimer?
        do {
            let timer = LoopTimer { isDone = true }
            seen = timer
            timer.arm(after: .milliseconds(1))
        }
        #expect(seen != nil)
        #expect(await eventually { isDone && seen == nil })
    }

    @Test @LoopActor func aTimerThatArmsItselfForThePastDoesNotHoldTheTurn() async {
        let turns = Notebook<Int>()
        let counter = TurnCounter.shared
        var timer: LoopTimer?
        timer = LoopTimer {
            turns.note(counter.turns)
            if turns.entries.count < 100 { timer?.arm(at: 0) }
        }
        timer?.arm(at: 0)
        #expect(await eventually { turns.entries.count == 100 })
        #expect(Set(turns.entries).count == 100)
        timer = nil
    }
}
