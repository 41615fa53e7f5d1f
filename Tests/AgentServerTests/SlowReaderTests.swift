import AgentEngine
import AgentLoop
import AgentProtocol
import AgentServer
import AgentTestKit
import Testing

/// Clients that read more slowly than their runs speak, or not at all.
@Suite struct SlowReaderTests {
    init() { LoopFixture.start() }

    /// Comes back in the next turn of the loop.
    @LoopActor private func turn() async {
        await withCheckedContinuation { continuation in EventLoop.post { continuation.resume() } }
    }

    /// Lets the model say so many pieces, one a turn.
    @LoopActor private func say(_ house: House, _ count: Int, _ piece: String) async {
        for _ in 0..<count {
            house.provider.calls[0].say(piece)
            await turn()
        }
    }

    private func seqs(_ frames: [JSONObject]) -> [Int64] { frames.compactMap { $0["seq"]?.int64 } }

    private func text(_ frames: [JSONObject]) -> String {
        frames.filter { $0["event"]?.string == "run_content" }.compactMap { $0["content"]?.string }.joined()
    }

    @Test @LoopActor func aReaderThatIsBehindCostsAPlaceAndMissesNothing() async throws {
        let house = try House()
        let (client, observer) = (house.connect(), house.connect())
        client.send(#"{"cmd":"run","input":"hi","run_id":"r1"}"#)
        #expect(await client.reads(2))
        let piece = String(repeating: "x", count: 16_000)
        await say(house, 700, piece)
        observer.send(#"{"cmd":"hello"}"#)
        #expect(await observer.reads(1))
        // Eleven megabytes were said; what waits is what one connection may keep, and a line.
        let unread = try #require(observer.frames.first?["unread_bytes"]?.int64)
        #expect(unread > 0 && unread < Int64(Limits.outboxBytes + 2 * Limits.deltaBytes))
        house.provider.calls[0].end()
        #expect(await client.reads { client.story.last == "run_completed" })
        #expect(!client.story.contains("stream_detached"))
        #expect(seqs(client.frames) == (1...702).map { $0 })
        let isWhole = text(client.frames) == String(repeating: piece, count: 700)
        #expect(isWhole)
        house.close()
    }

    @Test @LoopActor func whatAReaderHasMissedComesInLargerPieces() async throws {
        let house = try House()
        let client = house.connect()
        client.send(#"{"cmd":"run","input":"hi","run_id":"r1"}"#)
        #expect(await client.reads(2))
        let count: Int64 = 5000
        await say(house, Int(count), "0123456789")
        #expect(await client.reads { self.seqs(client.frames).last == count + 1 })
        let seqs = self.seqs(client.frames)
        #expect(zip(seqs, seqs.dropFirst()).allSatisfy(<))
        #expect(seqs.count < 4500)
        let isWhole = text(client.frames) == String(repeating: "0123456789", count: Int(count))
        #expect(isWhole)
        // Each stands for what is between it and the one before.
        let isExact = zip(client.frames.dropFirst(), client.frames.dropFirst(2)).allSatisfy { before, event in
            (event["content"]?.string?.utf8.count ?? 0) == 10 * Int(event["seq"]!.int64! - before["seq"]!.int64!)
        }
        #expect(isExact)
        // Who has caught up hears each again.
        await say(house, 3, "one more")
        #expect(await client.reads { self.seqs(client.frames).last == count + 4 })
        #expect(client.frames.suffix(3).allSatisfy { $0["content"]?.string == "one more" })
        house.close()
    }

    @Test @LoopActor func aReaderThatTakesNothingIsDetachedAndGoesOnWhereItBrokeOff() async throws {
        let house = try House(limits: DoorLimits(stall: .milliseconds(200)))
        let client = house.connect()
        client.send(
            #"{"cmd":"run","input":"hi","run_id":"r1","id":"first"}"#, #"{"cmd":"run","input":"hi","run_id":"r2"}"#)
        #expect(await client.reads(4))
        let piece = String(repeating: "x", count: 16_000)
        await say(house, 100, piece)
        client.send(#"{"cmd":"ping","id":"late"}"#)
        await afterMilliseconds(600)
        house.provider.calls[0].end()
        house.provider.calls[1].end()
        #expect(await eventually { house.journal.ended.count == 2 })
        // Both streams end, the one that had nothing to say as well; the reply is not lost.
        #expect(await client.reads { client.ids.contains("late") })
        let notices = client.frames.filter { $0["event"]?.string == "stream_detached" }
        #expect(Set(notices.compactMap { $0["run_id"]?.string }) == ["r1", "r2"])
        #expect(notices.allSatisfy { $0["reason"]?.string == "slow_reader" })
        #expect(notices.allSatisfy { $0["id"]?.string == ($0["run_id"]?.string == "r1" ? "first" : nil) })
        let name = house.provider.calls[0].runID.text
        let told = client.frames.filter { $0["run_id"]?.string == name && $0["seq"] != nil }
        let after = try #require(notices.first { $0["run_id"]?.string == name }?["after"]?.int64)
        #expect(seqs(told) == (1...after).map { $0 })
        #expect(after > 1 && after < 101)
        // It was the reader that took nothing, and not the run.
        #expect(house.journal.ended.allSatisfy { $0.status == .completed })
        house.close()
    }

    @Test @LoopActor func streamsOfOneReaderTakeTurns() async throws {
        let house = try House()
        let client = house.connect()
        for number in 0..<4 { client.send(#"{"cmd":"run","input":"hi","run_id":"r\#(number)"}"#) }
        #expect(await client.reads(8))
        for _ in 0..<60 {
            for call in house.provider.calls { call.say(String(repeating: "x", count: 16_000)) }
            await turn()
        }
        // Nobody is told everything before others are told anything.
        #expect(await client.reads(8 + 120))
        let shares = Dictionary(grouping: client.frames.dropFirst(8)) { $0["run_id"]?.string ?? "" }
        #expect(shares.count == 4 && shares.values.allSatisfy { $0.count < 60 })
        for call in house.provider.calls { call.end() }
        #expect(await client.reads { client.story.filter { $0 == "run_completed" }.count == 4 })
        for number in 0..<4 {
            #expect(seqs(client.frames.filter { $0["run_id"]?.string == "r\(number)" }) == (1...62).map { $0 })
        }
        house.close()
    }

    @Test @LoopActor func whereAllHaveLeftTooMuchUnreadOnlyTheyWait() async throws {
        let house = try House(limits: DoorLimits(outboxTotal: 10_000))
        let (lazy, eager) = (house.connect(), house.connect())
        lazy.send(#"{"cmd":"run","input":"hi"}"#)
        #expect(await lazy.reads(2))
        await say(house, 60, String(repeating: "x", count: 16_000))
        eager.send(#"{"cmd":"run","input":"hi"}"#)
        #expect(await eager.reads(2))
        house.provider.calls[1].say("Hello")
        house.provider.calls[1].end()
        #expect(await eager.reads(4))
        #expect(eager.story == ["run", "run_started", "run_content", "run_completed"])
        eager.send(#"{"cmd":"hello"}"#)
        #expect(await eager.reads(5))
        #expect((eager.frames.last?["unread_bytes"]?.int64 ?? .max) < Int64(Limits.outboxBytes))
        house.provider.calls[0].end()
        #expect(await lazy.reads { lazy.story.last == "run_completed" })
        #expect(seqs(lazy.frames) == (1...62).map { $0 })
        house.close()
    }
}
