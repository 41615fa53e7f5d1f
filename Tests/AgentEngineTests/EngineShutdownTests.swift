import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

@Suite struct EngineShutdownTests {
    private let house = SimulatedHouse()

    @Test func runsMayEndWhileTheDaemonDrains() {
        let run = house.start("hello")
        house.engine.drain()
        #expect(!house.engine.isQuiet)
        house.provider.lastCall.say("fine")
        house.provider.lastCall.end()
        house.turn()
        #expect(run.terminal?.kind == .runCompleted)
        house.expectRest()
    }

    @Test func whatIsStillLiveEndsWithTheDaemon() throws {
        let runs = (1...3).map { _ in house.start("hello") }
        house.provider.lastCall.say("Half")
        house.engine.drain()
        house.engine.endAllRuns()
        #expect(house.provider.openCalls.isEmpty)
        house.turn()
        for run in runs {
            let error = try #require(run.terminal?.payload["error"]?.object)
            #expect(error["code"]?.string == "shutdown" && error["retryable"]?.bool == true)
        }
        #expect(runs[2].terminal?.content == "Half\n\n[error: shutdown]")
        house.expectRest()
    }

    @Test func aRunThatIsNotCommittedYetEndsWithTheDaemonToo() {
        house.journal.isHoldingCommits = true
        let run = house.connect().run("hello")
        house.turn()
        house.engine.drain()
        house.engine.endAllRuns()
        house.engine.endAllRuns()
        house.letCommitsGo()
        #expect(run.kinds == [.runStarted, .runContent, .runError])
        #expect(house.provider.calls.isEmpty)
        house.expectRest()
    }
}
