import Testing

@testable import AgentLoop

@Suite struct TurnPaceTests {
    /// Plays turns of one arrival each, so many a second, for so long; a loop that rests begins its turns later, with all
    /// that has arrived meanwhile. Gives how often it rested.
    private func rests(arrivalsPerSecond: Int, milliseconds: Int) -> (rests: Int, turns: Int) {
        var pace = TurnPace()
        let gap = 1_000_000_000 / Int64(arrivalsPerSecond)
        var now: Int64 = 1_000_000_000
        var arrived: Int64 = now
        var count = (rests: 0, turns: 0)
        while now < 1_000_000_000 + Int64(milliseconds) * 1_000_000 {
            var next = arrived + gap
            if let end = pace.rest {
                count.rests += 1
                next = max(next, end)
            }
            let events = (next - arrived) / gap
            arrived += events * gap
            now = next
            count.turns += 1
            pace.turnBegan(at: now, with: Int(events))
        }
        return count
    }

    @Test(arguments: [1, 50, 1000, 5000]) func aLoopWithLittleToDoNeverWaits(_ rate: Int) {
        #expect(rests(arrivalsPerSecond: rate, milliseconds: 2000).rests == 0)
    }

    @Test(arguments: [20_000, 200_000]) func aBusyLoopBringsMoreInATurn(_ rate: Int) {
        let (rests, turns) = rests(arrivalsPerSecond: rate, milliseconds: 1000)
        let planned = Int(1_000_000_000 / TurnPace.spacing)
        #expect(rests > planned * 4 / 5 && turns < planned * 11 / 10)
    }

    @Test func aBusyLoopThatBecomesQuietStopsWaiting() {
        var pace = TurnPace()
        for turn in 1...1000 { pace.turnBegan(at: Int64(turn) * 10_000, with: 1) }
        #expect(pace.rest == 10_000_000 + TurnPace.spacing)
        pace.turnBegan(at: 10_000_000 + 20 * TurnPace.spacing, with: 1)
        #expect(pace.rest == nil)
    }
}
