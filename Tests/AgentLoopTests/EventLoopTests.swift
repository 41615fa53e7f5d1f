import AgentTestKit
import Testing

@testable import AgentLoop

@Suite struct EventLoopTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func postsOfOneThreadKeepTheirOrder() async {
        let arrived = Notebook<Int>()
        let worker = WorkerThread(name: "poster")
        worker.submit { for number in 0..<10_000 { EventLoop.post { arrived.note(number) } } }
        #expect(await eventually { arrived.entries.count == 10_000 })
        #expect(arrived.entries == Array(0..<10_000))
        worker.close()
    }

    @Test @LoopActor func postsOfManyThreadsKeepTheOrderOfEach() async {
        let arrived = Notebook<(thread: Int, number: Int)>()
        let workers = (0..<8).map { WorkerThread(name: "poster\($0)") }
        for (thread, worker) in workers.enumerated() {
            worker.submit {
                for number in 0..<2_000 { EventLoop.post { arrived.note((thread, number)) } }
            }
        }
        #expect(await eventually { arrived.entries.count == 16_000 })
        for thread in workers.indices {
            #expect(arrived.entries.filter { $0.thread == thread }.map(\.number) == Array(0..<2_000))
        }
        for worker in workers { worker.close() }
    }

    @Test @LoopActor func aPostFromTheLoopItselfIsNotForgotten() async {
        let arrived = Notebook<Int>()
        EventLoop.post {
            arrived.note(1)
            EventLoop.post { arrived.note(2) }
        }
        #expect(await eventually { arrived.entries == [1, 2] })
    }

    @Test @LoopActor func turnEndHooksRunUntilNoneHasWork() async {
        let log = Notebook<String>()
        var rounds = 0
        var isAsked = false
        EventLoop.shared.atTurnEnd {
            guard rounds > 0 else { return false }
            rounds -= 1
            log.note("first")
            return true
        }
        EventLoop.shared.atTurnEnd {
            guard isAsked else { return false }
            isAsked = false
            rounds = 3
            log.note("second")
            // Comes after everything that the end of this turn does.
            EventLoop.post { log.note("next turn") }
            return true
        }
        isAsked = true
        #expect(await eventually { log.entries.last == "next turn" })
        #expect(log.entries == ["second", "first", "first", "first", "next turn"])
    }

    @Test @LoopActor func aTurnEndHookThatIsTakenOffRunsNoMore() async {
        var (kept, taken) = (0, 0)
        let first = EventLoop.shared.atTurnEnd {
            taken += 1
            return false
        }
        let second = EventLoop.shared.atTurnEnd {
            kept += 1
            return false
        }
        #expect(await eventually { taken > 0 })
        EventLoop.shared.cancel(first)
        let (last, before) = (taken, kept)
        #expect(await eventually { kept > before })
        #expect(taken == last)
        EventLoop.shared.cancel(second)
    }

    @Test @LoopActor func theClockOfATurnDoesNotRunAhead() async {
        for _ in 0..<10 {
            #expect(EventLoop.shared.now <= EventLoop.shared.clock)
            await afterMilliseconds(1)
        }
    }
}
