import AgentTestKit
import Testing

@testable import AgentLoop

@Suite struct LoopActorTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func isolatedMethodsResumeOnTheLoopAfterEachAwait() async {
        let elsewhere = WorkerThread(name: "elsewhere")
        for _ in 0..<100 {
            #expect(LoopActor.executor.isOnLoop)
            let wasOnLoop = await withCheckedContinuation { continuation in
                elsewhere.submit { continuation.resume(returning: LoopActor.executor.isOnLoop) }
            }
            #expect(!wasOnLoop)
        }
        #expect(LoopActor.executor.isOnLoop)
        elsewhere.close()
    }

    @Test func callsFromElsewhereRunOnTheLoop() async {
        let results = await withTaskGroup { group in
            for number in 0..<200 { group.addTask { await Self.squareOnLoop(number) } }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(results == Set((0..<200).map { $0 * $0 }))
    }

    @LoopActor private static func squareOnLoop(_ number: Int) -> Int {
        LoopActor.executor.isOnLoop ? number * number : -1
    }
}
