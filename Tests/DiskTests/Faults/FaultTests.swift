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

    @Test("answers or ends, and loses nothing", arguments: DiskCall.each.map(\.call), [false, true])
    func answersOrEndsAndLosesNothing(call: DiskCall, isForGood: Bool) async {
        var figures = FaultFigures()
        let clock = ContinuousClock.now
        for failure: DiskFault.Failure in call == .write ? [.device, .full, .torn] : [.device] {
            var nth = 1
            while true {
                let play = await FaultPlay.play(DiskFault(call, nth: nth, isForGood: isForGood, failure: failure))
                figures.add(play)
                if play.end == .untouched { break }
                nth += 1
            }
        }
        print("disk faults: \(call), \(isForGood ? "for good" : "once"): \(figures), in \(ContinuousClock.now - clock)")
        #expect(figures.findings.isEmpty, "\(figures.report)")
        #expect(figures.plays > 0)
    }
}
