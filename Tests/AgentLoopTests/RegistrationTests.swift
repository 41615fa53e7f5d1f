import AgentTestKit
import Glibc
import Testing

@testable import AgentLoop

@Suite struct RegistrationTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func aHalfCloseIsTheEndOfInputAndNoHangUp() async throws {
        let pair = SocketPair()
        let recorder = ReadinessRecorder()
        var registration = try EventLoop.shared.watch(pair.ours, for: .readable, handler: recorder)
        pair.halfClosePeer()
        #expect(await eventually { !recorder.events.isEmpty })
        #expect(recorder.events.allSatisfy { $0 == .readable })
        #expect(pair.receive() == 0)

        // The end of input would be reported for ever; a hang-up comes unasked.
        EventLoop.shared.update(&registration, interest: [])
        let before = recorder.events.count
        await afterMilliseconds(5)
        #expect(recorder.events.count == before)
        pair.closePeer()
        #expect(await eventually { recorder.events.count > before })
        #expect(recorder.events.last?.contains(.hungUp) == true)
        EventLoop.shared.cancel(registration)
    }

    @Test @LoopActor func aPeerThatClosesAtOnceHangsUp() async throws {
        let pair = SocketPair()
        let recorder = ReadinessRecorder()
        let registration = try EventLoop.shared.watch(pair.ours, for: .readable, handler: recorder)
        pair.send("last words")
        pair.closePeer()
        #expect(await eventually { !recorder.events.isEmpty })
        #expect(recorder.events.first?.contains([.hungUp, .readable]) == true)
        #expect(pair.receive() == 10)
        EventLoop.shared.cancel(registration)
    }

    @Test @LoopActor func aChangedInterestIsObeyed() async throws {
        let pair = SocketPair()
        let recorder = ReadinessRecorder()
        var registration = try EventLoop.shared.watch(pair.ours, for: [], handler: recorder)
        pair.send("x")
        await afterMilliseconds(5)
        #expect(recorder.events.isEmpty)
        EventLoop.shared.update(&registration, interest: [.readable, .writable])
        #expect(await eventually { recorder.events.last == [.readable, .writable] })
        EventLoop.shared.cancel(registration)
    }

    @Test @LoopActor func whatIsCancelledInTheSameTurnGetsNoEventAndNeitherDoesItsSuccessor() async throws {
        let pairs = [SocketPair(), SocketPair(), SocketPair()]
        var registrations: [Registration] = []
        var recorders: [ReadinessRecorder] = []
        let successor = ReadinessRecorder()
        for index in 0..<2 {
            recorders.append(
                ReadinessRecorder { _ in
                    // Whoever comes first takes the other one off; a third descriptor moves into its place.
                    guard registrations.count == 2 else { return }
                    EventLoop.shared.cancel(registrations[1 - index])
                    registrations.append(
                        try! EventLoop.shared.watch(pairs[2].ours, for: .readable, handler: successor))
                    _ = pairs[index].receive()
                })
        }
        for index in 0..<2 {
            registrations.append(
                try EventLoop.shared.watch(pairs[index].ours, for: .readable, handler: recorders[index]))
        }
        for pair in pairs.prefix(2) { pair.send("x") }
        #expect(await eventually { registrations.count == 3 })
        await afterMilliseconds(5)
        #expect(recorders.map(\.events.count).sorted() == [0, 1])
        #expect(successor.events.isEmpty)

        let first = recorders[0].events.isEmpty ? 1 : 0
        #expect(registrations[2].index == registrations[1 - first].index)
        pairs[2].send("x")
        #expect(await eventually { !successor.events.isEmpty })
        EventLoop.shared.cancel(registrations[first])
        EventLoop.shared.cancel(registrations[2])
    }

    @Test @LoopActor func cancellingTwiceHarmsNobodyElse() async throws {
        let pairs = [SocketPair(), SocketPair()]
        let recorder = ReadinessRecorder()
        let old = try EventLoop.shared.watch(pairs[0].ours, for: .readable, handler: ReadinessRecorder())
        EventLoop.shared.cancel(old)
        let new = try EventLoop.shared.watch(pairs[1].ours, for: .readable, handler: recorder)
        EventLoop.shared.cancel(old)
        pairs[1].send("x")
        #expect(await eventually { !recorder.events.isEmpty })
        EventLoop.shared.cancel(new)
    }

    @Test @LoopActor func theLoopLetsGoOfTheHandlerOfACancelledRegistration() throws {
        let pair = SocketPair()
        weak var seen: ReadinessRecorder?
        do {
            let recorder = ReadinessRecorder()
            seen = recorder
            EventLoop.shared.cancel(try EventLoop.shared.watch(pair.ours, for: .readable, handler: recorder))
        }
        #expect(seen == nil)
    }

    @Test @LoopActor func aDescriptorThatCannotBeWatchedIsAnError() {
        let error = #expect(throws: LoopError.self) {
            try EventLoop.shared.watch(-1, for: .readable, handler: ReadinessRecorder())
        }
        #expect(error?.code == EBADF)
    }
}
