import AgentProtocol
import Testing

@testable import AgentEngine

@Suite struct RunLogTests {
    private var log = RunLog(runID: RunID(trusted: "r1"))
    private let batch = LedgerBatch()
    private let now = Timestamp(milliseconds: 7)

    init() { log.beginStep(MessageID(trusted: "m1")) }

    private mutating func say(_ text: String, _ flow: RunLog.Flow = .content) {
        #expect(log.accepts(flow))
        var bytes: [UInt8] = []
        JSONEscaping.append(text, to: &bytes)
        bytes.withUnsafeBytes { log.append($0, to: flow) }
    }

    @discardableResult private mutating func flush() -> Range<Int> { log.flush(into: batch, at: now) }

    /// What somebody who asks now is shown.
    private var live: LiveAnswer {
        let message = Message(
            messageID: MessageID(trusted: "m2"), runID: RunID(trusted: "r1"), step: 2, position: 3, role: .assistant,
            content: "", createdAt: now, completedAt: nil)
        return log.liveAnswer(message, in: nil)
    }

    private var told: [String] {
        get throws {
            try batch.events.map { event in
                #expect(String(decoding: batch.bytes[event.runID], as: UTF8.self) == "r1")
                #expect(event.ts == 7)
                let members = try #require(try JSONReader.read(Array(batch.bytes[event.payload])).object)
                let message = members["message_id"]?.string ?? "-"
                return "\(event.seq) \(event.kind.rawValue) \(message) \(members["content"]?.string ?? "-")"
            }
        }
    }

    @Test mutating func whatArrivesTogetherBecomesOneEvent() throws {
        say("Hel")
        say("lo")
        say("")
        #expect(log.hasPending)
        #expect(flush() == 0..<1)
        #expect(!log.hasPending)
        #expect(flush() == 1..<1)
        say(", \"you\"\n")
        #expect(flush() == 1..<2)
        #expect(try told == ["1 run_content m1 Hello", "2 run_content m1 , \"you\"\n"])
        #expect(log.stepText.plain == "Hello, \"you\"\n")
        #expect(!batch.isSealed)
    }

    @Test mutating func reasoningAndAnswerKeepTheirOrder() throws {
        say("hm", .reasoning)
        say("m", .reasoning)
        #expect(!log.accepts(.content))
        flush()
        say("Yes")
        #expect(!log.accepts(.reasoning))
        flush()
        say("wait", .reasoning)
        flush()
        #expect(try told == ["1 reasoning_content m1 hmm", "2 run_content m1 Yes", "3 reasoning_content m1 wait"])
        #expect(log.stepText.plain == "Yes")
    }

    @Test mutating func aLongTextIsSplitBetweenCharacters() throws {
        let text = String(repeating: "x", count: Limits.deltaBytes - 1) + "é" + String(repeating: "\n", count: 9000)
        say(text)
        #expect(flush() == 0..<3)
        let sizes = batch.events.map { event in
            event.payload.count - #"{"content":"","message_id":"m1"}"#.utf8.count
        }
        #expect(sizes.allSatisfy { $0 <= Limits.deltaBytes })
        #expect(sizes[0] == Limits.deltaBytes - 1)
        let pieces = try batch.events.map { event in
            try JSONReader.read(Array(batch.bytes[event.payload])).object?["content"]?.string ?? ""
        }
        #expect(pieces.joined() == text)
        #expect(batch.events.map(\.seq) == [1, 2, 3])
    }

    @Test mutating func longReasoningIsSplitToo() throws {
        say(String(repeating: "é", count: Limits.deltaBytes), .reasoning)
        #expect(flush() == 0..<2)
        #expect(batch.events.allSatisfy { $0.kind == .reasoningContent })
        #expect(log.text.isEmpty)
    }

    @Test mutating func stepsAreJoinedByOneBlankLineThatNoDeltaHolds() throws {
        say("One.")
        flush()
        log.beginStep(MessageID(trusted: "m2"))
        flush()
        log.beginStep(MessageID(trusted: "m3"))
        #expect(!log.stepHasText)
        say("Two.")
        flush()
        #expect(try told == ["1 run_content m1 One.", "2 run_content m3 Two."])
        #expect(log.stepText.plain == "Two.")
        log.text.withUnsafeBytes { #expect(JSONEscaping.unescape($0) == "One.\n\nTwo.") }
    }

    @Test mutating func ourOwnWordsStandApart() throws {
        say("Half")
        flush()
        log.say("stop \"it\"")
        flush()
        log.beginStep(MessageID(trusted: "m2"))
        log.say("note")
        flush()
        #expect(try told == ["1 run_content m1 Half", "2 run_content m1 \n\nstop \"it\"", "3 run_content m2 note"])
        log.text.withUnsafeBytes { #expect(JSONEscaping.unescape($0) == "Half\n\nstop \"it\"\n\nnote") }
    }

    @Test mutating func onlyWhatIsCommittedIsShown() {
        say("One.")
        flush()
        log.beginStep(MessageID(trusted: "m2"))
        say("Two.")
        flush()
        say(" Three.")
        #expect(live.content == "" && live.message.content == "" && live.lastSeq == 0)
        log.committed(batch.events[0])
        #expect(live.content == "One." && live.message.content == "" && live.lastSeq == 1)
        log.committed(batch.events[1])
        #expect(live.content == "One.\n\nTwo." && live.message.content == "Two." && live.lastSeq == 2)
    }

    @Test mutating func anEventThatIsNoDeltaIsSealed() throws {
        let index = log.append(.toolCallStarted, into: batch, at: now) { $0.member("tool_name", "search") }
        #expect(index == 0)
        #expect(batch.isSealed)
        #expect(log.lastSeq == 1)
        #expect(String(decoding: batch.bytes[batch.events[0].payload], as: UTF8.self) == #"{"tool_name":"search"}"#)
    }

    @Test mutating func goesOnWhereACrashBrokeItOff() throws {
        log = RunLog(runID: RunID(trusted: "r1"), closedText: Array("One.".utf8), lastSeq: 7)
        for (seq, kind, text) in [
            (39, EventKind.reasoningContent, "hm"), (40, .runContent, "Ha"), (41, .runContent, "lf"),
        ] {
            log.restore(
                UnfinishedRun.Delta(
                    kind: kind, seq: Int64(seq), time: Timestamp(milliseconds: 5), messageID: MessageID(trusted: "m9"),
                    content: text))
        }
        #expect(log.stepText.plain == "Half")
        log.say("note")
        flush()
        #expect(try told == ["42 run_content m9 \n\nnote"])
        #expect(log.stepText.plain == "Half\n\nnote")
        log.text.withUnsafeBytes { #expect(JSONEscaping.unescape($0) == "One.\n\nHalf\n\nnote") }
        #expect(
            log.closeStep().map { "\($0.kind.rawValue) \($0.lastSeq) \($0.count)" } == [
                "reasoning_content 39 1", "run_content 42 3",
            ])
    }

    // MARK: Folding

    /// The deltas of a fold, as `seq time text`.
    private func unfolded(_ fold: FoldedText, _ message: String) -> [String] {
        let text = fold.content.map { $0.withUnsafeBytes(JSONEscaping.unescape) } ?? message
        var bytes = Array(text.utf8).dropFirst(fold.offset)
        var reader = PackedBoundaries.Reader(fold.boundaries, count: fold.count, start: fold.time)
        var seq = fold.lastSeq - Int64(fold.count)
        var deltas: [String] = []
        while let (time, length) = reader.next() {
            seq += 1
            deltas.append("\(seq) \(time) \(String(decoding: bytes.prefix(length), as: UTF8.self))")
            bytes = bytes.dropFirst(length)
        }
        return deltas
    }

    private mutating func flush(at time: Int64) { _ = log.flush(into: batch, at: Timestamp(milliseconds: time)) }

    @Test mutating func aClosedStepIsOneRowForEachStretchAndGivesBackEachDelta() {
        say("He said \"")
        flush(at: 1000)
        say("é\n\u{2028}\"")
        flush(at: 1050)
        say("hm", .reasoning)
        flush(at: 1040)
        say("!")
        flush(at: 9_000_000_000_000)
        let text = log.stepText.plain
        let folds = log.closeStep()
        #expect(folds.map(\.kind) == [.runContent, .reasoningContent, .runContent])
        #expect(unfolded(folds[0], text) == ["1 1000 He said \"", "2 1050 é\n\u{2028}\""])
        #expect(unfolded(folds[1], text) == ["3 1040 hm"])
        #expect(unfolded(folds[2], text) == ["4 9000000000000 !"])
        #expect(folds.map { $0.content != nil } == [false, true, false])
    }

    @Test mutating func anEventBetweenDeltasEndsTheirStretch() {
        say("Let me ")
        flush(at: 1)
        _ = log.append(.toolCallStarted, into: batch, at: now) { $0.member("tool_name", "search") }
        say("look.")
        flush(at: 2)
        let text = log.stepText.plain
        let folds = log.closeStep()
        #expect(folds.flatMap { unfolded($0, text) } == ["1 1 Let me ", "3 2 look."])
        #expect(folds.map(\.offset) == [0, 7])
    }

    @Test mutating func deltasAreNumberedOverAllRunsAndNeededUntilTheirStepIsClosed() {
        batch.earlierDeltas = 40
        #expect(log.openSince == nil)
        say("a")
        flush()
        say("b")
        flush()
        #expect(log.openSince == 40 && batch.deltas == 2)
        _ = log.closeStep()
        #expect(log.openSince == nil)
        log.beginStep(MessageID(trusted: "m2"))
        say("c")
        flush()
        #expect(log.openSince == 42)
    }

    @Test mutating func whatIsCommittedIsReadOutAgainUntilItsStepIsSaved() {
        for piece in ["a", "b", "c"] {
            say(piece)
            flush()
        }
        func read(_ log: RunLog, after seq: Int64, limit: Int = .max, mergedTo: Int = 0) -> [String] {
            var told: [String] = []
            _ = log.replay(after: seq, limit: limit, mergedTo: mergedTo) { kind, seq, _, payload in
                told.append("\(seq) \((try? JSONReader.read(payload))?.object?["content"]?.string ?? "-")")
            }
            return told
        }
        #expect(read(log, after: 0) == [])
        log.committed(batch.events[0])
        log.committed(batch.events[1])
        #expect(read(log, after: 0) == ["1 a", "2 b"])
        #expect(read(log, after: 1) == ["2 b"])
        #expect(read(log, after: 2) == [])
        #expect(read(log, after: 0, limit: 1) == ["1 a"])
        #expect(read(log, after: 0, mergedTo: 9) == ["2 ab"])
        log.committed(batch.events[2])
        #expect(read(log, after: 0, mergedTo: 9) == ["3 abc"])
        #expect(read(log, after: 1, mergedTo: 9) == ["3 bc"])
        #expect(read(log, after: 0, mergedTo: 2) == ["2 ab", "3 c"])
        #expect(read(log, after: 0, limit: 1, mergedTo: 2) == ["2 ab"])
        _ = log.closeStep()
        #expect(read(log, after: 1) == ["2 b", "3 c"])
        log.saved()
        #expect(read(log, after: 0) == [])
    }
}
