import AgentLoop
import AgentProtocol
import AgentProviders
import AgentStore
import AgentTestKit
import Testing

extension ProviderFaults {
    /// A provider that sends as fast as it can takes its share of the loop and of memory, and no more.
    @Suite struct FloodTests {
        init() { LoopFixture.start() }

        /// One callback may bring up to 16 KiB beyond a turn's share of 16 KiB.
        private static let mostInTurn = 32 * 1024

        /// An answer of the largest size is held several times over in the turn that closes it; nothing else is kept.
        private static func mostMemory(_ kind: FloodKind) -> Int {
            kind == .text ? 10 * Limits.answerBytes : 64 << 20
        }

        @Test(arguments: FloodKind.allCases, WireFormat.allCases)
        @LoopActor func aFloodLeavesTheLoopToTheOthers(kind: FloodKind, format: WireFormat) async throws {
            let directory = try TemporaryDirectory()
            let ledger = try Ledger(path: directory.file("ledger.db"))
            let flood = FloodServer(kind, format)
            let provider = CountingProvider(
                FaultHouse.provider(
                    FaultHouse.endpoint(format, url: flood.server.url) { $0.idleTimeout = .seconds(300) }))
            let house = FaultHouse(provider: provider, journal: ledger, timeLimit: .seconds(300))
            let other = StopStage(.streaming, format)
            let listener = RunListener()
            listener.keepsEvents = false
            let began = ContinuousClock.now
            let heartbeat = Heartbeat()
            house.run(listener: listener)

            var stops: [Duration] = []
            #expect(await eventually { flood.sentBytes > 0 || listener.isOver })
            repeat {
                guard let times = await other.stop(meanwhile: 1) else {
                    Issue.record("a stop beside the flood went wrong")
                    break
                }
                stops.append(times.closed)
            } while !listener.isOver && ContinuousClock.now - began < .seconds(240)
            heartbeat.stop()
            let took = ContinuousClock.now - began
            #expect(listener.isOver)
            let growth = heartbeat.growth
            await other.close()
            await house.close()
            flood.server.close()
            try ledger.close()

            let rate = Double(flood.sentBytes) / Double(1 << 20) / (took / .seconds(1))
            print(
                "flood of \(kind), \(format): \(flood.sentBytes >> 20) MiB in \(took.milliseconds) (\(Int(rate)) MiB/s), "
                    + "longest turn \(Duration.nanoseconds(heartbeat.longest).milliseconds) "
                    + "(processor \(Duration.nanoseconds(heartbeat.busiest).milliseconds)), "
                    + "memory +\(growth >> 10) KiB, text in a turn \(provider.mostInTurn), other's stop \(Figures(stops))"
            )
            check(kind, listener)
            #expect(provider.mostInTurn <= Self.mostInTurn)
            #expect(growth < Self.mostMemory(kind))
        }

        @LoopActor private func check(_ kind: FloodKind, _ listener: RunListener) {
            let terminal = listener.terminal
            #expect(listener.terminals == 1)
            switch kind {
            case .comments, .arguments:
                #expect(terminal?.kind == .runCompleted && terminal?.content == FaultyProvider.lastWord)
            case .text: #expect(terminal?.payload["error"]?.object?["code"]?.string == "limit_tokens")
            case .line: #expect(terminal?.payload["error"]?.object?["code"]?.string == "model_unavailable")
            }
        }
    }
}
