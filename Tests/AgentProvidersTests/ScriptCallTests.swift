import AgentEngine
import AgentLoop
import AgentProtocol
import AgentProviders
import AgentTestKit
import Testing

@Suite struct ScriptCallTests {
    init() { LoopFixture.start() }

    @Test @LoopActor func doesItsStepsInTheirOrder() async throws {
        let stage = try Stage(
            """
            [[{"think":"Hm."},{"say":"Well, ","chunk":4},{"call":"clock","args":{"zone":"UTC"}},{"say":"now."},
              {"call":"clock","id":"c2"},{"usage":{"input_tokens":3}},{"usage":{"input_tokens":4}},{"end":"length"}]]
            """)
        let receiver = try #require(await stage.play(step: 3))
        #expect(
            receiver.words == [
                .thought("Hm."), .said("Well"), .said(", "),
                .called(
                    ToolCall(id: ToolCallID(trusted: "call_3_3"), name: "clock", arguments: ["zone": .string("UTC")])),
                .said("now."), .called(ToolCall(id: ToolCallID(trusted: "c2"), name: "clock", arguments: [:])),
                .reported(Usage(inputTokens: 3)), .reported(Usage(inputTokens: 4)), .ended(.length, "length"),
            ])
    }

    @Test @LoopActor func endsByItselfWhenTheScriptDoesNotSaySo() async throws {
        let receiver = try #require(await Stage(#"[[{"say":"x"}]]"#).play())
        #expect(receiver.words == [.said("x"), .ended(.stop, "stop")])
        let silent = try #require(await Stage("[[]]").play())
        #expect(silent.words == [.ended(.stop, "stop")])
    }

    @Test @LoopActor func saysNothingAfterItsLastWord() async throws {
        let stage = try Stage(#"[[{"end":"stop"},{"say":"x"}],[{"fail":{"http":500}},{"say":"x"}]]"#)
        let ended = try #require(await stage.play(step: 1))
        let failed = try #require(await stage.play(step: 2))
        await afterMilliseconds(5)
        #expect(ended.words == [.ended(.stop, "stop")])
        #expect(failed.words.count == 1)
        #expect(failed.isOver)
    }

    @Test @LoopActor func turnKAnswersRequestKAndTheLastAllLaterOnes() async throws {
        let stage = try Stage(#"[[{"say":"one"}],[{"say":"two"}]]"#)
        for (step, text) in [(1, "one"), (2, "two"), (3, "two"), (99, "two")] {
            #expect(try #require(await stage.play(step: step)).text == text)
        }
    }

    @Test @LoopActor func aScriptThatIsNotThereFailsTheRequest() async throws {
        let receiver = try #require(await Stage("[[]]").play(model: "hamlet"))
        guard case .failed(let error) = receiver.words.first else {
            Issue.record("it did not fail")
            return
        }
        #expect(error.code == .modelBadRequest)
        #expect(receiver.words.count == 1)
    }

    @Test @LoopActor func tellsWhatTheRequestHolds() async throws {
        var stage = try Stage(
            """
            [[{"say_request":"message_count"},{"say":"|"},{"say_request":"last_user","chunk":2},{"say":"|"},
              {"say_request":"last_assistant"}]]
            """)
        #expect(try #require(await stage.play()).text == "0||")
        stage.add(.user, "first")
        stage.add(.assistant, "answer \"1\"")
        stage.add(.user, "second\n")
        #expect(try #require(await stage.play()).text == "3|second\n|answer \"1\"")
    }

    @Test @LoopActor func callsNobodyWhileItIsOpened() async throws {
        let receiver = RecordingReceiver()
        let call = try Stage(#"[[{"say":"x"}]]"#).open(for: receiver)
        #expect(receiver.words.isEmpty)
        #expect(await eventually { receiver.isOver })
        withExtendedLifetime(call) {}
    }

    @Test @LoopActor func isSilentOnceItIsAborted() async throws {
        let stage = try Stage(#"[[{"say":"abcdef","chunk":1,"every_ms":1},{"end":"stop"}]]"#)
        let early = RecordingReceiver()
        let unborn = stage.open(for: early)
        unborn.abort()

        let receiver = RecordingReceiver()
        let call = stage.open(for: receiver)
        receiver.reaction = { word in if word == .said("c") { call.abort() } }
        #expect(await eventually { receiver.words.count == 3 })
        await afterMilliseconds(20)
        #expect(receiver.text == "abc")
        #expect(early.words.isEmpty)
        call.abort()
        receiver.reaction = { _ in }
    }

    @Test @LoopActor func mayBeAbortedInTheMiddleOfATurn() async throws {
        let stage = try Stage(#"[[{"say":"abcdef","chunk":1},{"usage":{}},{"end":"stop"}]]"#)
        let receiver = RecordingReceiver()
        let call = stage.open(for: receiver)
        receiver.reaction = { word in if word == .said("b") { call.abort() } }
        #expect(await eventually { receiver.words.count == 2 })
        await afterMilliseconds(5)
        #expect(receiver.text == "ab")
        receiver.reaction = { _ in }
    }

    @Test(arguments: 1...5) @LoopActor func cutsOnlyBetweenWholeCharacters(chunk: Int) async throws {
        let text = "a\"b\\c\u{2028}\u{2029}\u{7F}\t\u{1}é👩‍👩‍👧‍👦e\u{301}🇩🇪\r\nß漢字"
        var writer = JSONWriter()
        writer.string(text)
        let json = String(decoding: writer.bytes, as: UTF8.self)
        let receiver = try #require(await Stage(#"[[{"say":\#(json),"chunk":\#(chunk)}]]"#).play())
        #expect(Array(receiver.text.utf8) == Array(text.utf8))
        #expect(receiver.pieces.count == (text.count + chunk - 1) / chunk)
        for piece in receiver.pieces {
            // Each stands in a JSON string as it is, and none of our lines holds what trips line-based tools.
            let quoted = [UInt8(ascii: "\"")] + piece + [UInt8(ascii: "\"")]
            let read = try JSONReader.read(quoted).string
            #expect(try #require(read).count <= chunk)
            let plain = String(decoding: piece, as: UTF8.self).unicodeScalars
            #expect(plain.allSatisfy { $0.value >= 0x20 && ![0x7F, 0x2028, 0x2029].contains($0.value) })
        }
    }

    @Test @LoopActor func waitsAtLeastAsLongAsItSays() async throws {
        let stage = try Stage(#"[[{"wait_ms":30},{"say":"ab","chunk":1,"every_ms":20},{"say":"c"}]]"#)
        let opened = EventLoop.shared.now
        let receiver = try #require(await stage.play())
        let milliseconds = receiver.times.map { ($0 - opened) / 1_000_000 }
        #expect(receiver.words == [.said("a"), .said("b"), .said("c"), .ended(.stop, "stop")])
        #expect(milliseconds[0] >= 30 && milliseconds[1] >= 50 && milliseconds[2] >= 70)
    }

    /// A piece that comes late does not push all that follow: each is due by its place, not by its predecessor.
    @Test @LoopActor func keepsItsPaceAfterADelay() async throws {
        let stage = try Stage(#"[[{"say":"01234567","chunk":1,"every_ms":200}]]"#)
        let receiver = RecordingReceiver()
        let opened = EventLoop.shared.now
        let call = stage.open(for: receiver)
        receiver.reaction = { [unowned receiver] _ in
            guard receiver.words.count == 3 else { return }
            let start = EventLoop.shared.clock
            while EventLoop.shared.clock - start < 450_000_000 {}
        }
        #expect(await eventually { receiver.isOver })
        withExtendedLifetime(call) {}
        let times = receiver.times.prefix(8)
        #expect(times.enumerated().allSatisfy { place, time in time >= opened + Int64(place) * 200_000_000 })
        // Measured from each other, no two pieces would ever be closer than their distance.
        let distances = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(try #require(distances.min()) < 180_000_000)
    }

    @Test @LoopActor func megabytesWithoutPauseDoNotHoldTheLoop() async throws {
        let text = String(repeating: "0123456789", count: 200_000)
        let receiver = try #require(await Stage(#"[[{"say":"\#(text)","chunk":1000}]]"#).play())
        #expect(receiver.text.utf8.count == text.utf8.count)
        var bytes: [Int: Int] = [:]
        for (turn, piece) in zip(receiver.turns, receiver.pieces) { bytes[turn, default: 0] += piece.count }
        #expect(try #require(bytes.values.max()) <= 64 * 1024 + 1000)
        #expect(bytes.count >= text.utf8.count / (65 * 1024))
    }
}
