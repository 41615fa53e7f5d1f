import AgentLoop
import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentEngine
@testable import AgentStore

@Suite struct ReplayTests {
    /// A run of two steps as the engine writes it: its events as they were told, and the ledger that has them folded.
    private final class Story {
        let cellar: Cellar
        private(set) var told: [String] = []
        private let run = RunID(trusted: "r1")
        private var log = RunLog(runID: RunID(trusted: "r1"))
        private var position: Int64 = 1
        private var text: [String] = []

        init() throws {
            cellar = try Cellar()
            try cellar.write { batch in
                batch.addSession("s1")
                batch.addRun("r1", session: "s1", question: "q1")
                batch.addMessage("q1", session: "s1", run: "r1", position: 1, content: "say \"hi\"")
            }
        }

        private func flush(_ batch: LedgerBatch, at time: Int64) {
            _ = log.flush(into: batch, at: Timestamp(milliseconds: time))
        }

        private func note(_ batch: LedgerBatch, content: String? = nil) throws {
            for event in batch.events {
                let payload = try #require(try JSONReader.read(Array(batch.bytes[event.payload])).object)
                told.append(ReplayTests.line(event.kind, event.seq, event.ts, payload, content))
            }
        }

        func event(_ kind: EventKind, at time: Int64) throws {
            try cellar.write { batch in
                _ = log.append(kind, into: batch, at: Timestamp(milliseconds: time)) { $0.member("n", time) }
                try? note(batch)
            }
        }

        func begin(at time: Int64) throws {
            try cellar.write { batch in
                var record = RunRecord(
                    runID: run, sessionID: SessionID(trusted: "s1"), userID: nil, agent: AgentName(trusted: "helper"),
                    status: .running, createdAt: Timestamp(milliseconds: 1))
                record.userMessageID = MessageID(trusted: "q1")
                record.model = "large"
                record.provider = "mock"
                batch.append(.runBegan(run, at: Timestamp(milliseconds: time), model: "large", provider: "mock"))
                _ = log.append(
                    .runStarted, into: batch, at: Timestamp(milliseconds: time),
                    RunPayload.started(record, "say \"hi\""), keeping: RunPayload.restOfStarted)
                try? note(batch)
            }
        }

        func end(_ outcome: RunOutcome, usage: Usage, startedAt: Int64, at time: Int64) throws {
            try cellar.write { batch in
                RunEnding(
                    outcome: outcome, runID: run, sessionID: SessionID(trusted: "s1"), usage: usage,
                    startedAt: Timestamp(milliseconds: startedAt)
                ).write(to: &log, into: batch, at: Timestamp(milliseconds: time))
                try? note(batch, content: text.joined(separator: "\n\n"))
            }
        }

        /// What the log's own rows have of their payloads.
        func kept() throws -> [String] {
            try cellar.reader.connection.prepare(
                "SELECT payload FROM ai_agent_run_events WHERE event IN ('run_started', 'run_completed', 'run_cancelled', 'run_error')"
            ).rows { $0.text(0) ?? "" }
        }

        func step(_ message: String, _ pieces: [(RunLog.Flow, String)]) throws {
            log.beginStep(MessageID(trusted: message))
            for (index, piece) in pieces.enumerated() {
                try cellar.write { batch in
                    var escaped: [UInt8] = []
                    JSONEscaping.append(piece.1, to: &escaped)
                    escaped.withUnsafeBytes { log.append($0, to: piece.0) }
                    flush(batch, at: 1000 + Int64(index) * 37)
                    try? note(batch)
                }
            }
            position += 1
            let content = log.stepText.plain
            if !content.isEmpty { text.append(content) }
            try cellar.write { batch in
                batch.addMessage(
                    message, session: "s1", run: "r1", position: position, role: .assistant, content: content)
                for fold in log.closeStep() { batch.append(.textFolded(fold)) }
            }
        }

        func read(after seq: Int64, limit: Int = 1 << 20, finalOnly: Bool = false) throws -> (
            lines: [String], more: Bool
        ) {
            let query = ReplayQuery(runID: run, after: seq, finalOnly: finalOnly, limit: limit)
            let page = try cellar.reader.snapshot { reader throws(StoreError) in try reader.replay(query) }.get()
            let lines = try page.events.map { event in
                let payload = try #require(try JSONReader.read(Array(page.bytes[event.payload])).object)
                let content = event.content.map { range in
                    page.bytes[range].withUnsafeBytes(JSONEscaping.unescape)
                }
                return ReplayTests.line(event.kind, event.seq, event.time, payload, content)
            }
            return (lines, page.hasMore)
        }
    }

    private static func line(
        _ kind: EventKind, _ seq: Int64, _ time: Int64, _ payload: JSONObject, _ content: String?
    ) -> String {
        var writer = JSONWriter()
        writer.value(.object(payload))
        return "\(kind.rawValue) \(seq) \(time) \(String(decoding: writer.bytes, as: UTF8.self)) \(content ?? "-")"
    }

    private func story() throws -> Story {
        let story = try Story()
        try story.begin(at: 1)
        try story.step(
            "m1",
            [
                (.reasoning, "hm\n"), (.reasoning, "\"so\""), (.content, "Gr"), (.content, "üße \u{1F44B}\u{2028}"),
                (.content, "\\"),
            ])
        try story.event(.toolCallStarted, at: 2)
        try story.event(.toolCallCompleted, at: 3)
        try story.step("m2", [])
        try story.step("m3", [(.content, "a"), (.reasoning, "wait"), (.content, "b"), (.content, "c")])
        try story.end(.completed(.stop, providerReason: "end_turn"), usage: Usage(requests: 2), startedAt: 1, at: 4)
        return story
    }

    @Test func aFoldedLogGivesBackEveryEventFromEveryPlace() throws {
        let story = try story()
        #expect(story.told.count == 13)
        for after in 0...story.told.count {
            #expect(try story.read(after: Int64(after)).lines == Array(story.told.dropFirst(after)))
        }
    }

    @Test(arguments: [1, 40, 100, 300]) func pagesOfAnySizeMakeTheSameLog(_ limit: Int) throws {
        let story = try story()
        var lines: [String] = []
        while true {
            let page = try story.read(after: Int64(lines.count), limit: limit)
            lines += page.lines
            guard page.more else { break }
            #expect(!page.lines.isEmpty)
        }
        #expect(lines == story.told)
    }

    @Test func onlyTheEndIsReadWhereOnlyTheEndIsWanted() throws {
        let story = try story()
        #expect(try story.read(after: 0, finalOnly: true).lines == [story.told[12]])
        #expect(try story.read(after: 13, finalOnly: true).lines == [])
    }

    /// What the run's row and its messages say is not stored a second time, and told again as it was.
    @Test(arguments: [
        (RunOutcome.completed(.length, providerReason: "max_tokens"), #"{"provider_stop_reason":"max_tokens"}"#),
        (.completed(.stop, providerReason: nil), "{}"),
        (.cancelled(.stop, message: "enough \u{1F44B}"), "{\"message\":\"enough \u{1F44B}\"}"),
        (.cancelled(.disconnect, message: nil), "{}"),
        (.failed(ErrorRecord(.modelOverloaded, "too \"much\"", retryable: false, httpStatus: 529)), "{}"),
        (.failed(ErrorRecord(.daemonRestart, "gone")), "{}"),
    ]) func anEndIsToldFromItsRun(_ outcome: RunOutcome, _ rest: String) throws {
        let story = try Story()
        try story.begin(at: 3)
        try story.step("m1", [(.content, "text\n")])
        let usage = Usage(
            inputTokens: 7, cacheReadTokens: 1, cacheWriteTokens: 2, outputTokens: 3, reasoningTokens: 4,
            totalTokens: nil, costUSD: 0.1 + 0.2, requests: 1, estimated: true, incomplete: true)
        try story.end(outcome, usage: usage, startedAt: 3, at: 1_000_000)
        #expect(try story.kept() == ["{}", rest])
        #expect(try story.read(after: 0).lines == story.told)
    }

    @Test func aLongAnswerIsToldToBeCutAsItWas() throws {
        let story = try Story()
        try story.begin(at: 1)
        let text = String(repeating: "long\n", count: Limits.clipBytes / 5)
        try story.step("m1", [(.content, text)])
        try story.end(.cancelled(.stop, message: nil), usage: Usage(requests: 1), startedAt: 1, at: 2)
        let (told, read) = (try #require(story.told.last), try #require(try story.read(after: 0).lines.last))
        #expect(told.contains(#""clipped":true,"bytes":\#(text.utf8.count)}"#))
        #expect(read.count < told.count && told.hasPrefix(read))
    }

    @Test func readingStopsWhereAStepIsStillOpen() throws {
        let story = try Story()
        try story.begin(at: 1)
        try story.cellar.write { batch in
            batch.addText("open", run: "r1", seq: 2)
            batch.add(.toolCallStarted, run: "r1", seq: 3, payload: #"{"n":1}"#)
        }
        #expect(try story.read(after: 0).lines == story.told)
        #expect(try story.read(after: 2).lines.count == 1)
    }

    @Test(arguments: [
        "payload = '{\"message_id\":\"m1\",\"deltas\":3,\"offset\":-5}'",
        "payload = '{\"message_id\":\"m1\",\"deltas\":-3,\"offset\":0}'",
        "payload = '{\"message_id\":\"m1\",\"deltas\":9223372036854775807,\"offset\":0}'", "boundaries = x'00'",
        "boundaries = x'ff'", "payload = '{}'",
        "payload = '{\"message_id\":\"m9\",\"deltas\":3,\"offset\":0}'",
        "payload = '{\"message_id\":\"m1\",\"deltas\":3,\"offset\":90}'",
    ]) func aDamagedFoldIsAnErrorAndNeverAGuess(_ damage: String) throws {
        let story = try story()
        try story.cellar.tamper("UPDATE ai_agent_run_events SET \(damage) WHERE event = 'run_content'")
        #expect(throws: AgentError.self) { try story.read(after: 3) }
    }
}
