import AgentLoop
import AgentProtocol
import AgentTestKit
import Synchronization
import Testing

extension ProviderFaults {
    /// Whatever has happened in a conversation, its next request is one that every provider takes.
    @Suite struct HistoryTests {
        init() { LoopFixture.start() }

        /// One request as the server got it.
        private struct Received: Sendable {
            let format: WireFormat
            let body: [UInt8]
        }

        /// The requests in the order in which they came.
        private final class Log: Sendable {
            let all = Mutex<[Received]>([])
        }

        @Test(arguments: [UInt64(1), 2])
        @LoopActor func twoHundredTurnsOfStopsAndFailuresStayWellFormed(seed: UInt64) async {
            let received = Log()
            let plan = Plan()
            let server = ProviderServer { connection, request in
                let format: WireFormat = request.line.contains("/messages") ? .anthropic : .openai
                received.all.withLock { $0.append(Received(format: format, body: request.body)) }
                let (course, reached) = plan.current.withLock { $0 }
                course.serve(connection, format, isFollowUp: format.isFollowUp(request.body), reached: reached)
            }
            defer { server.close() }
            let provider = AlternatingProvider(
                WireFormat.allCases.map { FaultHouse.provider(FaultHouse.endpoint($0, url: server.url)) })
            let house = FaultHouse(provider: provider, maxAttempts: 1, historyTurns: 200)
            var random = SeededRandom(seed: seed)
            var ends: [EventKind: Int] = [:]
            for turn in 1...200 {
                provider.place = Int(random.next() % 2)
                let course = Course.allCases.randomElement(using: &random) ?? .answered
                let reached = Signal()
                plan.current.withLock { $0 = (course, reached) }
                let listener = house.run("question \(turn)", session: "s1")
                if course.isStopped {
                    #expect(await eventually { reached.isSet })
                    if course == .stoppedInText { #expect(await eventually { listener.heard.isSet }) }
                    house.stop(listener)
                }
                #expect(await eventually { listener.isOver })
                if let end = listener.terminal?.kind { ends[end, default: 0] += 1 }
            }
            await house.close()
            #expect(house.violations.found.isEmpty)
            let bodies = received.all.withLock { $0 }
            var problems: [String] = []
            for (number, request) in bodies.enumerated() {
                problems += WireShape.problems(request.format, request.body).map {
                    "\(number) \(request.format): \($0)"
                }
            }
            #expect(problems.prefix(10).isEmpty)
            let largest = bodies.map(\.body.count).max() ?? 0
            print("history, seed \(seed): \(bodies.count) requests, the largest of \(largest) bytes, runs \(ends)")
            #expect(ends.count == 3 && ends.values.reduce(0, +) == 200)
        }

        /// What the server does next; written by the test, read by the server's threads.
        private final class Plan: Sendable {
            let current = Mutex<(Course, Signal)>((.answered, Signal()))
        }
    }
}
