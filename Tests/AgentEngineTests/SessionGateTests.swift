import AgentProtocol
import Testing

@testable import AgentEngine

@Suite struct SessionGateTests {
    private var gate = SessionGate<String>()

    private func name(_ text: String) -> RunID { RunID(trusted: text) }

    // MARK: Decisions

    @Test mutating func looksUpTheFirstAndLetsTheOthersWait() {
        #expect(gate.isIdle)
        #expect(gate.check("a") == true)
        #expect(gate.check("b") == false)
        #expect(gate.check("c") == false)
        #expect(!gate.isIdle)
        #expect(gate.decided() == ["b", "c"])
        #expect(gate.isIdle)
    }

    @Test mutating func givesEachTicketBackOnceAndInOrder() {
        _ = gate.check("a")
        _ = gate.check("b")
        _ = gate.check("c")
        #expect(gate.decided() == ["b", "c"])
        #expect(gate.check("b") == true)
        #expect(gate.check("c") == false)
        #expect(gate.decided() == ["c"])
        #expect(gate.decided() == [])
    }

    @Test mutating func letsAnybodyWaitForADecisionThatIsUnderWay() {
        #expect(gate.wait("stop") == false)
        _ = gate.check("a")
        #expect(gate.wait("stop") == true)
        _ = gate.check("b")
        #expect(gate.decided() == ["stop", "b"])
    }

    // MARK: Runs

    @Test mutating func letsOneRunLiveAndTheOthersFollowInOrder() {
        #expect(gate.take(name("a"), turn: 1) == 1)
        for other in ["b", "c", "d"] { gate.join(name(other), inFront: false) }
        #expect(gate.runs.map(\.text) == ["a", "b", "c", "d"] && gate.next == nil)
        gate.runEnded(name("a"))
        #expect(gate.next == name("b"))
        _ = gate.take(name("b"), turn: 2)
        #expect(gate.live == name("b") && gate.line.map(\.text) == ["c", "d"])
        gate.runEnded(name("c"))
        #expect(gate.live == name("b"))
    }

    @Test mutating func putsInFrontWhoeverReplaces() {
        _ = gate.take(name("a"), turn: 1)
        gate.join(name("b"), inFront: false)
        gate.join(name("c"), inFront: true)
        gate.runEnded(name("a"))
        #expect(gate.next == name("c") && gate.line.map(\.text) == ["c", "b"])
    }

    @Test mutating func isTakenUntilTheEndOfOneThatLeftTheLineIsWritten() {
        gate.join(name("a"), inFront: false)
        #expect(gate.leave(name("a")) == true)
        #expect(gate.leave(name("a")) == false)
        #expect(gate.isTaken && !gate.isIdle && gate.next == nil && gate.line.isEmpty)
        #expect(gate.runs == [name("a")])
        gate.runEnded(name("a"))
        #expect(gate.isIdle)
    }

    @Test mutating func oneThatIsLiveDoesNotLeaveTheLine() {
        _ = gate.take(name("a"), turn: 1)
        #expect(gate.leave(name("a")) == false)
        #expect(gate.live == name("a"))
    }

    // MARK: Turns

    @Test mutating func givesTurnsInOrderWhateverTheLedgerKnows() {
        #expect(gate.giveTurn(after: 4) == 5)
        #expect(gate.giveTurn(after: 4) == 6)
        #expect(gate.giveTurn(after: 0) == 7)
        #expect(gate.giveTurn(after: 20) == 21)
    }

    @Test mutating func oneThatWasOvertakenGetsANewTurn() {
        let turns = (0..<4).map { _ in gate.giveTurn(after: 0) }
        #expect(turns == [1, 2, 3, 4])
        _ = gate.take(name("a"), turn: 1)
        gate.join(name("b"), inFront: false)
        gate.join(name("c"), inFront: false)
        gate.join(name("d"), inFront: true)
        gate.runEnded(name("a"))
        #expect(gate.take(name("d"), turn: 4) == 4)
        gate.runEnded(name("d"))
        #expect(gate.take(name("b"), turn: 2) == 5)
        gate.runEnded(name("b"))
        #expect(gate.take(name("c"), turn: 3) == 6)
    }

    @Test mutating func goesOnFromWhereAnotherProcessWas() {
        gate.restore(lastTurn: 9, begunTurn: 7)
        gate.join(name("a"), inFront: false)
        #expect(gate.take(name("a"), turn: 8) == 8)
        #expect(gate.giveTurn(after: 0) == 10)
        gate.runEnded(name("a"))
        #expect(gate.take(name("b"), turn: 6) == 11)
    }
}
