import AgentTestKit
import Testing

@testable import AgentServer

@Suite struct OutboxTests {
    private let pair = SocketPair()

    private static let frame = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 % 251) }

    @Test func whatTheKernelTakesIsGone() {
        var outbox = Outbox()
        #expect(outbox.isEmpty)
        #expect(outbox.write(to: pair.ours) == .drained)
        outbox.append(Self.frame)
        outbox.append { $0 += [1, 2, 3] }
        #expect(outbox.pendingBytes == 1_003)
        #expect(outbox.write(to: pair.ours) == .drained)
        #expect(outbox.isEmpty)
        #expect(pair.arrived() == Self.frame + [1, 2, 3])
    }

    @Test func aPeerThatDoesNotReadBlocksAndLosesNothing() {
        var outbox = Outbox()
        var expected: [UInt8] = []
        var received: [UInt8] = []
        var blocked = 0
        for round in 0..<3_000 {
            outbox.append(Self.frame)
            expected += Self.frame
            if outbox.write(to: pair.ours) == .blocked {
                blocked += 1
                #expect(!outbox.isEmpty)
                if round % 7 == 0 { received += pair.arrived(atMost: 5_000) }
            }
        }
        #expect(blocked > 100)
        #expect(expected.count - received.count >= outbox.pendingBytes)
        while outbox.write(to: pair.ours) == .blocked { received += pair.arrived() }
        received += pair.arrived()
        let isWhole = received == expected
        #expect(isWhole)
    }

    @Test func memoryIsGivenBackOnceEverythingHasLeft() {
        var outbox = Outbox()
        outbox.append([UInt8](repeating: 1, count: 1 << 20))
        while outbox.write(to: pair.ours) == .blocked { _ = pair.arrived() }
        #expect(outbox.bytes.capacity <= 16 * 1024)
    }

    @Test func whatWasSentIsNotKeptForLong() {
        var outbox = Outbox()
        outbox.append([UInt8](repeating: 1, count: 1 << 20))
        while outbox.write(to: pair.ours) == .blocked {
            #expect(outbox.bytes.capacity <= 2 * outbox.pendingBytes + 4096)
            _ = pair.arrived(atMost: 50_000)
        }
    }

    @Test func aPeerThatIsGoneBreaksItWithoutASignal() {
        var outbox = Outbox()
        outbox.append(Self.frame)
        pair.closePeer()
        #expect(outbox.write(to: pair.ours) == .broken)
    }
}
