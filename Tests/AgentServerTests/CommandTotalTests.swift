import AgentEngine
import AgentLoop
import AgentProtocol
import AgentServer
import AgentTestKit
import Testing

/// Commands that wait for their answers, of all clients together: where they take too much, others wait on their side.
@Suite struct CommandTotalTests {
    private static let total = 8 * inputBytes
    /// A command that is longer than those to which everybody is listened to.
    private static let inputBytes = 140_000
    /// Of those, how many fit.
    private static let fitting = total / inputBytes

    init() { LoopFixture.start() }

    private static func run(_ name: String, inputBytes: Int) -> [UInt8] {
        let input = String(repeating: "x", count: inputBytes)
        return Array((#"{"cmd":"run","stream":"none","session_id":"\#(name)","id":"\#(name)","input":""#).utf8)
            + Array((input + "\"}\n").utf8)
    }

    /// A house whose ledger answers nobody.
    @LoopActor private func silentHouse() throws -> House {
        let house = try House(limits: DoorLimits(inboundTotal: Self.total))
        house.journal.holdsAdmissions = true
        return house
    }

    /// A client that sends so many long commands, when all have been taken that fit.
    @LoopActor private func fill(_ house: House, _ commands: Int) async -> (Client, sending: Task<Bool, Never>) {
        let client = house.connect()
        let bytes = (0..<commands).flatMap { Self.run("filling-\($0)", inputBytes: Self.inputBytes) }
        let sending = Task { @LoopActor in await client.sendAll(bytes) }
        let enough = min(commands, Self.fitting)
        #expect(await eventually { house.journal.heldAdmissions.count == enough })
        return (client, sending)
    }

    @Test @LoopActor func allTogetherAreBoundedAndEachIsAnswered() async throws {
        let house = try silentHouse()
        var clients: [(client: Client, sending: Task<Bool, Never>)] = []
        for number in 0..<4 {
            let client = house.connect()
            let bytes = (0..<6).flatMap { Self.run("s\(number)-\($0)", inputBytes: Self.inputBytes) }
            clients.append((client, Task { @LoopActor in await client.sendAll(bytes) }))
        }
        #expect(await eventually { house.journal.heldAdmissions.count * Self.inputBytes >= Self.total })
        await afterMilliseconds(20)
        #expect(house.journal.heldAdmissions.count * Self.inputBytes < Self.total + Self.inputBytes)
        house.journal.letAdmissionsGo()
        for (number, (client, sending)) in clients.enumerated() {
            #expect(await client.reads(6))
            #expect(await sending.value)
            #expect(client.ids == (0..<6).map { "s\(number)-\($0)" })
            #expect(client.story.allSatisfy { $0 == "run" })
        }
        house.close()
    }

    @Test @LoopActor func whoWaitsForNoAnswerIsListenedToAllTheSame() async throws {
        let house = try silentHouse()
        let (client, sending) = await fill(house, Self.fitting + 3)
        let other = house.connect()
        other.send(#"{"cmd":"ping"}"#)
        #expect(await other.reads(1))
        let held = house.journal.heldAdmissions.count
        #expect(await other.sendAll(Self.run("short", inputBytes: 1000) + Self.run("next", inputBytes: 1000)))
        #expect(await eventually { house.journal.heldAdmissions.count == held + 1 })
        other.send(#"{"cmd":"ping"}"#)
        await afterMilliseconds(20)
        other.read()
        #expect(house.journal.heldAdmissions.count == held + 1 && other.frames.count == 1)
        house.journal.letAdmissionsGo()
        #expect(await other.reads(4))
        #expect(other.ids == ["-", "short", "next", "-"])
        #expect(await client.reads(Self.fitting + 3))
        #expect(await sending.value)
        house.close()
    }

    @Test @LoopActor func aLongCommandOfWhoHalfClosesWaitsForRoom() async throws {
        let house = try silentHouse()
        let other = house.connect()
        #expect(await other.sendAll(Array(Self.run("long", inputBytes: Self.inputBytes).dropLast())))
        await afterMilliseconds(20)
        let (client, sending) = await fill(house, Self.fitting + 3)
        // The end of its input is the end of its line, and there is no room for it.
        other.halfClose()
        await afterMilliseconds(20)
        other.read()
        #expect(!other.isAtEnd && house.journal.heldAdmissions.count == Self.fitting)
        house.journal.letAdmissionsGo()
        #expect(await other.readsToTheEnd())
        #expect(other.story == ["run"])
        #expect(await client.reads(Self.fitting + 3))
        #expect(await sending.value)
        house.close()
    }

    @Test @LoopActor func whatSomebodySentWhoIsGoneCountsAndIsDone() async throws {
        let house = try silentHouse()
        let (gone, sending) = await fill(house, Self.fitting - 1)
        #expect(await sending.value)
        gone.close()
        #expect(await eventually { house.server.connectionCount == 0 })
        let late = house.connect()
        let last = #"{"cmd":"run","input":"hi","stream":"none","session_id":"later","run_id":"later"}"#
        #expect(await late.sendAll(Self.run("late", inputBytes: Self.inputBytes) + Array((last + "\n").utf8)))
        #expect(await eventually { house.journal.heldAdmissions.count == Self.fitting })
        late.close()
        await afterMilliseconds(20)
        #expect(house.journal.heldAdmissions.count == Self.fitting && house.server.connectionCount == 1)
        house.journal.letAdmissionsGo()
        #expect(await eventually { house.journal.accepted.count == Self.fitting + 1 })
        #expect(house.journal.accepted.contains(RunID(trusted: "later")))
        #expect(await eventually { house.server.connectionCount == 0 })
        // Nobody's commands wait any more: there is room again for as many.
        house.journal.holdsAdmissions = true
        let next = house.connect()
        let again = (0..<Self.fitting).flatMap { Self.run("again-\($0)", inputBytes: Self.inputBytes) }
        #expect(await next.sendAll(again))
        #expect(await eventually { house.journal.heldAdmissions.count == Self.fitting })
        house.journal.letAdmissionsGo()
        #expect(await next.reads(Self.fitting))
        house.close()
    }

    @Test @LoopActor func pagesThatNobodyReadsAnyMoreCountNoLonger() async throws {
        let house = try House(limits: DoorLimits(inboundTotal: 64 * 1024))
        house.journal.holdsReads = true
        let gone = house.connect()
        for _ in 0..<64 { gone.send(#"{"cmd":"list"}"#) }
        #expect(await eventually { house.journal.heldReads.count == 1 })
        gone.close()
        #expect(await eventually { house.server.connectionCount == 0 })
        house.journal.answerRead(0)
        house.journal.holdsAdmissions = true
        let next = house.connect()
        for number in 0..<50 { next.send(#"{"cmd":"run","input":"hi","session_id":"s\#(number)"}"#) }
        #expect(await eventually { house.journal.heldAdmissions.count == 50 })
        house.journal.letAdmissionsGo()
        #expect(await next.reads(100))
        house.close()
    }
}
