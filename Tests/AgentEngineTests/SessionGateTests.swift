import AgentProtocol
import Testing

@testable import AgentEngine

@Suite struct SessionGateTests {
    private var gate = SessionGate<String>()
    private let live = RunID(trusted: "live")

    @Test mutating func looksUpTheFirstAndLetsTheOthersWait() {
        #expect(gate.isIdle)
        #expect(gate.runAsked("a") == .check)
        #expect(gate.runAsked("b") == .wait)
        #expect(gate.runAsked("c") == .wait)
        #expect(!gate.isIdle)
        #expect(gate.checked(letIn: nil) == ["b", "c"])
        #expect(gate.isIdle)
    }

    @Test mutating func isBusyWhileARunIsLive() {
        #expect(gate.runAsked("a") == .check)
        #expect(gate.checked(letIn: live) == [])
        #expect(gate.liveRun == live)
        #expect(gate.runAsked("b") == .busy(live))
        #expect(!gate.isIdle)
        gate.runEnded()
        #expect(gate.isIdle && gate.liveRun == nil)
        #expect(gate.runAsked("b") == .check)
    }

    @Test mutating func tellsThoseInLineThatItIsBusy() {
        _ = gate.runAsked("a")
        _ = gate.runAsked("b")
        #expect(gate.checked(letIn: live) == ["b"])
        #expect(gate.runAsked("b") == .busy(live))
    }

    @Test mutating func looksUpTheNextWhenTheFirstIsRefused() {
        _ = gate.runAsked("a")
        _ = gate.runAsked("b")
        _ = gate.runAsked("c")
        for waiting in gate.checked(letIn: nil) {
            #expect(gate.runAsked(waiting) == (waiting == "b" ? .check : .wait))
        }
        #expect(gate.checked(letIn: live) == ["c"])
    }

    @Test mutating func givesEachTicketBackOnce() {
        _ = gate.runAsked("a")
        _ = gate.runAsked("b")
        #expect(gate.checked(letIn: nil) == ["b"])
        _ = gate.runAsked("b")
        #expect(gate.checked(letIn: nil) == [])
    }
}
