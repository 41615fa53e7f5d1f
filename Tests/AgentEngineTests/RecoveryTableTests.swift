import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentEngine

/// What becomes of a run that a crash left without an end, for every state in which it may be found.
@Suite struct RecoveryTableTests {
    private let house = SimulatedHouse()
    private let run = RunID(trusted: "r1")
    private let session = SessionID(trusted: "s1")

    struct Row: CustomTestStringConvertible, Sendable {
        var status: RunStatus
        var isStopRequested: Bool
        var isBound: Bool
        var hasAgent: Bool
        var testDescription: String {
            "\(status)\(isStopRequested ? " stopped" : "")\(isBound ? " bound" : "")\(hasAgent ? "" : " without agent")"
        }

        /// The last event and why; nil where the run stays.
        var end: (kind: EventKind, why: String)? {
            switch (status, isStopRequested, isBound, hasAgent) {
            case (_, true, _, _): (.runCancelled, "stop")
            case (.queued, _, true, _): (.runCancelled, "disconnect")
            case (.queued, _, _, true), (.paused, _, _, true): nil
            case (.queued, _, _, false), (.paused, _, _, false): (.runError, "agent_not_found")
            default: (.runError, "daemon_restart")
            }
        }
    }

    static let rows = [RunStatus.queued, .running, .paused].flatMap { status in
        [false, true].flatMap { stopped in
            [false, true].flatMap { bound in
                [true, false].map { Row(status: status, isStopRequested: stopped, isBound: bound, hasAgent: $0) }
            }
        }
    }

    private func unfinished(_ row: Row) throws -> UnfinishedRun {
        let status: RunStatus = row.isStopRequested ? .stopping : row.status
        write(row.status, calls: [])
        var found = try #require(house.journal.unfinishedRuns().first)
        found.record.status = status
        found.isStopRequested = row.isStopRequested
        found.isBound = row.isBound
        return found
    }

    /// A run as it stands in the ledger when the process ends: with the text `Half`, unless it waits.
    private func write(
        _ status: RunStatus, calls: [(name: String, requirement: String?)], isStepClosed: Bool = false
    ) {
        let batch = LedgerBatch()
        let now = house.environment.now()
        let question = Message(
            messageID: MessageID(trusted: "m1"), runID: run, step: 0, position: TurnPosition.question(of: 1),
            role: .user, content: "hello", createdAt: now, completedAt: now)
        var record = RunRecord(
            runID: run, sessionID: session, userID: nil, agent: AgentName(trusted: "helper"), status: status,
            createdAt: now)
        record.userMessageID = question.messageID
        if status != .queued { record.startedAt = now }
        batch.append(
            .sessionCreated(
                SessionRecord(sessionID: session, userID: nil, agent: record.agent, createdAt: now, updatedAt: now)))
        batch.append(.messageAdded(question, session))
        let origin = RunOrigin(
            request: Array("{}".utf8), digest: InputDigest(RunCommand(input: "hello")), isBound: false)
        batch.append(.runAccepted(record, origin))
        var log = RunLog(runID: run)
        if status == .queued {
            _ = log.append(.runQueued, into: batch, at: now) { _ in }
        } else {
            _ = log.append(.runStarted, into: batch, at: now, RunPayload.started(record, question.content))
            log.beginStep(MessageID(trusted: "m2"))
            log.say("Half")
            _ = log.flush(into: batch, at: now)
        }
        if isStepClosed {
            let answer = Message(
                messageID: MessageID(trusted: "m2"), runID: run, step: 1, position: TurnPosition.question(of: 1) + 1,
                role: .assistant, content: log.stepText.plain, createdAt: now, completedAt: now)
            batch.append(.messageAdded(answer, session))
            for fold in log.closeStep() { batch.append(.textFolded(fold)) }
            for kind in [EventKind.toolCallStarted, .toolCallCompleted] {
                _ = log.append(kind, into: batch, at: now) { $0.member("tool_call_id", "c9") }
            }
            let result = Message(
                messageID: MessageID(trusted: "m3"), runID: run, step: 1, position: answer.position + 1, role: .tool,
                content: "done", toolCallID: ToolCallID(trusted: "c9"), toolName: "search", createdAt: now,
                completedAt: now)
            batch.append(.messageAdded(result, session))
        }
        for (index, call) in calls.enumerated() {
            _ = log.append(.toolCallStarted, into: batch, at: now) { writer in
                writer.member("tool_call_id", "c\(index)")
                writer.member("tool_name", call.name)
                writer.member("tool_arguments", JSONValue.object(["q": .string("é")]))
                writer.member("requirement_id", call.requirement)
            }
        }
        house.journal.commitNow(batch)
    }

    /// Starts as the daemon does; the agents are those of the house, or none.
    private func recover(_ found: [UnfinishedRun], hasAgent: Bool = true) -> (kept: [UnfinishedRun], batch: LedgerBatch)
    {
        let batch = LedgerBatch()
        let agents = hasAgent ? Set(["helper", "clerk"].map(AgentName.init(trusted:))) : []
        let kept = RunRecovery.recover(
            found, agents: agents, haltNote: house.haltNote, environment: house.environment, into: batch)
        if !batch.hasNoRows { house.journal.commitNow(batch) }
        return (kept, batch)
    }

    private var events: [LedgerTables.Event] { house.journal.tables.events[run, default: []] }

    /// No model was asked for the runs that are written by hand: only what the engine holds is looked at.
    private func expectNothingLeft() {
        house.findLeftovers()
        #expect(house.violations.found == [])
        #expect(house.engine.isQuiet)
    }

    @Test(arguments: rows) func everyStateHasItsOneEnd(_ row: Row) throws {
        let found = try unfinished(row)
        let (kept, batch) = recover([found], hasAgent: row.hasAgent)
        guard let end = row.end else {
            #expect(kept.map(\.record.runID) == [run] && batch.hasNoRows)
            return
        }
        #expect(kept.isEmpty && batch.isSealed)
        let terminal = try #require(events.last)
        #expect(events.filter(\.kind.isTerminal).count == 1 && terminal.kind == end.kind)
        #expect((terminal.members["reason"]?.string ?? terminal.members["error"]?.object?["code"]?.string) == end.why)
        let text = row.status == .queued ? "" : "Half"
        let note = end.why == "stop" ? house.haltNote : end.kind == .runError ? "[error: \(end.why)]" : ""
        let whole = [text, note].filter { !$0.isEmpty }.joined(separator: "\n\n")
        let rows = house.journal.tables.messages(of: run)
        #expect(rows.map(\.content) == ["hello", whole])
        #expect(rows.map(\.position) == [1 << 20, 1 << 20 + 1])
        let usage = house.journal.tables.runs[run]?.record.usage
        #expect(usage?.requests == (row.status == .queued ? 0 : 1))
        // Once more, as after a crash right behind the commit.
        #expect(house.journal.unfinishedRuns().isEmpty)
        house.crash()
        expectNothingLeft()
    }

    // MARK: Calls

    @Test func openCallsAreClosedBeforeTheEnd() throws {
        write(.running, calls: [("send", nil), ("erase", "q1")])
        _ = recover(house.journal.unfinishedRuns())
        #expect(events.map(\.kind).suffix(4) == [.toolCallCompleted, .toolCallCompleted, .runContent, .runError])
        let ends = events.filter { $0.kind == .toolCallCompleted }.map(\.members)
        #expect(ends.map { $0["status"]?.string } == ["unknown", "cancelled"])
        #expect(ends.map { $0["tool_call_id"]?.string } == ["c0", "c1"])
        let rows = house.journal.tables.messages(of: run)
        #expect(rows.map(\.role) == [.user, .assistant, .tool, .tool])
        #expect(rows.map(\.step) == [0, 1, 1, 1])
        #expect(rows[1].content == "Half\n\n[error: daemon_restart]")
        #expect(rows.suffix(2).map(\.toolName) == ["send", "erase"])
        #expect(rows.suffix(2).map(\.content) == ends.compactMap { $0["result"]?.string })
        #expect(rows[2].toolArguments == .object(["q": .string("é")]))
        let next = house.start("again", session: "s1")
        house.provider.lastCall.end()
        house.turn()
        #expect(next.terminal?.kind == .runCompleted)
        expectNothingLeft()
    }

    /// A call that acts has its step's message before it: it is closed behind it, and the mark stands in a new message.
    @Test func openCallsOfAStepThatHasItsMessageAreClosedBehindIt() throws {
        write(.running, calls: [("send", nil)])
        var found = try #require(house.journal.unfinishedRuns().first)
        let batch = LedgerBatch()
        let message = Message(
            messageID: MessageID(trusted: "m2"), runID: run, step: 1, position: found.lastPosition + 1,
            role: .assistant, content: "Half", createdAt: found.record.createdAt, completedAt: found.record.createdAt)
        batch.append(.messageAdded(message, session))
        house.journal.commitNow(batch)
        found = try #require(house.journal.unfinishedRuns().first)
        _ = recover([found])
        let rows = house.journal.tables.messages(of: run)
        #expect(rows.map(\.role) == [.user, .assistant, .tool, .assistant])
        #expect(rows.map(\.step) == [0, 1, 1, 2])
        #expect(rows.map(\.content).last == "[error: daemon_restart]" && rows[1].content == "Half")
    }

    // MARK: What stays

    @Test func aPausedRunKeepsItsSessionAndCanBeStopped() throws {
        write(.paused, calls: [], isStepClosed: true)
        house.crash()
        house.turn()
        #expect(house.engine.liveRuns == 1 && house.engine.queuedRuns == 0 && house.provider.calls.isEmpty)
        let refused = house.connect().run(session: "s1")
        #expect(refused.refusal?.code == .sessionBusy && refused.refusal?.fields["active_status"]?.string == "paused")
        let queued = house.start("next", session: "s1", onBusy: .queue)
        #expect(queued.acceptance?.status == .queued)
        house.engine.drain()
        house.engine.endAllRuns()
        house.turn()
        #expect(house.engine.isQuiet && events.last?.kind != .runError)
        house.crash()
        let stop = house.connect().stop(session: session)
        house.turn()
        #expect(stop.status == .stopping && stop.runID == run)
        #expect(events.last?.kind == .runCancelled)
        let rows = house.journal.tables.messages(of: run)
        #expect(rows.last?.content == house.haltNote && rows.last?.interrupted == true)
        expectNothingLeft()
    }

    @Test func aReplacingRunEndsAPausedOne() {
        write(.paused, calls: [], isStepClosed: true)
        house.crash()
        let replacing = house.start("instead", session: "s1", onBusy: .replace)
        #expect(events.last?.members["reason"]?.string == "replaced")
        #expect(replacing.kinds == [.runQueued, .runStarted])
        for call in house.provider.openCalls { call.end() }
        house.turn()
        #expect(replacing.terminal?.kind == .runCompleted)
        expectNothingLeft()
    }

    @Test func theLineGoesOnInItsOrder() throws {
        _ = house.start("live", session: "s1")
        let client = house.connect()
        let inputs = ["one", "two", "three"]
        let runs = inputs.map { client.run($0, session: "s1", stream: .none, onBusy: .queue) }
        house.turn()
        // One that replaces is in front of the line, also in that of the next process.
        house.journal.isHoldingAnswers = true
        let replacing = client.run("instead", session: "s1", stream: .none, onBusy: .replace)
        house.turn()
        house.journal.isHoldingAnswers = false
        house.crash()
        for _ in 0..<2 {
            house.turn()
            for call in house.provider.openCalls { call.end() }
        }
        house.turn()
        // And those that it overtook stay behind it when the next process ends too.
        house.crash()
        for _ in 0..<3 {
            house.turn()
            for call in house.provider.openCalls { call.end() }
        }
        house.turn()
        let began = try #require(house.journal.tables.begun[session])
        #expect(Array(began.dropFirst()) == [replacing.runID] + runs.map(\.runID))
        let questions = house.journal.tables.messages[session, default: []].filter { $0.role == .user }.map(\.content)
        #expect(questions == ["live", "instead"] + inputs)
        house.expectRest()
    }

    @Test func theSlotsOfTheNextProcessGoToThoseWhoCameFirst() {
        let house = SimulatedHouse(liveRunLimit: 1)
        _ = house.start("live", session: "s0")
        let client = house.connect()
        let runs = (1...3).map { client.run("\($0)", session: "s\($0)", stream: .none, onBusy: .queue) }
        house.turn()
        house.crash()
        house.turn()
        #expect(house.engine.liveRuns == 1 && house.engine.queuedRuns == 2)
        for run in runs {
            #expect(house.provider.openCalls.map(\.runID) == [run.runID])
            for call in house.provider.openCalls { call.end() }
            house.turn()
        }
        house.expectRest()
    }

    @Test func aRunInLineIsKnownByItsNameInTheNextProcess() {
        _ = house.start("live", session: "s1")
        house.connect().run("two", session: "s1", name: "r2", stream: .none, onBusy: .queue)
        house.turn()
        house.crash()
        house.turn()
        let again = house.connect().run("two", session: "s1", name: "r2")
        house.turn()
        #expect(again.acceptance?.isExisting == true)
        #expect(house.connect().run("other", session: "s1", name: "r2").refusal == nil)
        house.turn()
        #expect(house.clients.last?.runs.first?.refusal?.code == .runIDConflict)
        for call in house.provider.openCalls { call.end() }
        house.turn()
        house.expectRest()
    }

    @Test func oneThatWasUnboundBeforeTheCrashGoesOn() {
        _ = house.start("live", session: "s1")
        let client = house.connect()
        let run = client.run("two", session: "s1", stream: .none, onDisconnect: .stop, onBusy: .queue)
        house.turn()
        #expect(house.journal.tables.runs[run.runID]?.isBound == true)
        house.engine.settled(client.id)
        house.turn()
        #expect(house.journal.tables.runs[run.runID]?.isBound == false)
        house.crash()
        house.turn()
        #expect(house.journal.tables.runs[run.runID]?.record.status == .running)
        for call in house.provider.openCalls { call.end() }
        house.turn()
        house.expectRest()
    }
}
