import AgentLoop
import AgentTestKit
import Glibc
import Testing

@Suite("A daemon whose disk fails at any call", .ownThread, .serialized)
struct DiskFaultTests {
    init() { LoopFixture.start() }

    @Test("answers every command where the disk is well")
    func answersEveryCommandWhereTheDiskIsWell() async {
        for (name, call) in DiskCall.each {
            let play = await FaultPlay.play(DiskFault(call, nth: 0))
            #expect(play.findings.isEmpty && play.end == .untouched && play.refusals.isEmpty, "\(name): \(play)")
        }
    }

    @Test("starts where the first writes find no space, and says so later", arguments: [1, 2, 3, 4])
    func startsWhereTheFirstWritesFindNoSpace(nth: Int) async {
        let play = await FaultPlay.play(DiskFault(.write, nth: nth, failure: .full))
        #expect(play.findings.isEmpty && play.end == .answered && play.refusals.isEmpty, "\(play)")
    }

    /// Of calls that are many only some fail in an ordinary run, others each time. `AGENTD_DISK_FAULTS=all` fails each
    /// call of every kind, in the way in which a device does.
    private static func stride(of call: DiskCall, _ failure: DiskFault.Failure) -> Int {
        if failure == .device, getenv("AGENTD_DISK_FAULTS").map({ String(cString: $0) }) == "all" { return 1 }
        return switch call {
        case .write: 31
        case .read: 13
        case .lock: 7
        default: 1
        }
    }

    @Test("answers or ends, and loses nothing", arguments: DiskCall.each.map(\.call), [false, true])
    func answersOrEndsAndLosesNothing(call: DiskCall, isForGood: Bool) async {
        var figures = FaultFigures()
        let started = ContinuousClock.now
        for failure: DiskFault.Failure in call == .write ? [.device, .full, .fullButForReserve, .torn] : [.device] {
            let stride = Self.stride(of: call, failure)
            var fault = DiskFault(call, nth: Int.random(in: 1...stride), isForGood: isForGood, failure: failure)
            while true {
                let play = await FaultPlay.play(fault)
                figures.add(play)
                if play.end == .untouched { break }
                fault.nth += stride
            }
        }
        let which = Self.stride(of: call, .device) == 1 ? "each" : "some"
        print(
            "disk faults: \(call) \(isForGood ? "for good" : "once"), \(which): \(figures), "
                + "in \(ContinuousClock.now - started)")
        #expect(figures.findings.isEmpty, "\(figures.report)")
        #expect(figures.plays > 0)
    }
}
