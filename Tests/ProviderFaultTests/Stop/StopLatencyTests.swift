import AgentLoop
import AgentTestKit
import Testing

extension ProviderFaults {
    /// A stop closes the provider's connection at once, whatever the request is doing.
    @Suite struct StopLatencyTests {
        init() { LoopFixture.start() }

        @Test(arguments: StopPhase.allCases)
        @LoopActor func aStopClosesTheConnectionInEveryPhase(phase: StopPhase) async {
            var closed: [Duration] = []
            var told: [Duration] = []
            for format in WireFormat.allCases {
                let stage = StopStage(phase, format)
                for _ in 0..<20 {
                    let times = await stage.stop()
                    #expect(times != nil)
                    if let times {
                        closed.append(times.closed)
                        told.append(times.told)
                    }
                }
                await stage.close()
                // The ledger of the house has noted whatever came after a terminal.
                #expect(stage.house.violations.found.isEmpty)
            }
            let (closing, telling) = (Figures(closed), Figures(told))
            print("stop while \(phase): closed \(closing); told \(telling)")
            #expect(closed.count == 40 && closing.max < .seconds(1) && telling.max < .seconds(1))
        }
    }
}
