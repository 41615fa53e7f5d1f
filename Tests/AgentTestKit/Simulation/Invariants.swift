import AgentEngine
import AgentProtocol

/// What must hold whatever happened; breaches are noted with the house.
public struct Invariants {
    private let house: SimulatedHouse
    private var tables: LedgerTables { house.journal.tables }
    private var violations: Violations { house.violations }

    /// The invariants of a house.
    public init(_ house: SimulatedHouse) { self.house = house }

    /// What holds after every step; what is told, committed and asked is checked as it happens.
    public func afterStep() {
        let live = house.engine.liveRuns
        violations.expect(house.environment.armedTimers <= live, "there are more timers than runs")
        violations.expect(house.provider.openCalls.count <= live, "there are more requests than runs")
        violations.expect(tables.liveRuns <= house.liveRunLimit, "\(tables.liveRuns) runs are live at once")
        for (session, line) in tables.lines {
            violations.expect(line.count <= Limits.sessionQueue, "\(line.count) runs wait in \(session)")
        }
        checkCounters()
    }

    /// What is counted is what the ledger has, of this process.
    private func checkCounters() {
        guard !house.journal.isCommitting else { return }
        for status in [RunStatus.completed, .interrupted, .error] {
            let counted = house.engine.counters.ended(status)
            let written = tables.ends[status, default: 0] - house.endedBefore[status, default: 0]
            violations.expect(counted == written, "\(counted) runs are counted as \(status), and \(written) are")
        }
    }

    /// What holds once nothing is under way.
    public func atRest() {
        checkCounters()
        violations.expect(house.engine.isQuiet, "the engine is not quiet")
        violations.expect(house.engine.liveRuns == 0, "\(house.engine.liveRuns) runs are live")
        violations.expect(house.engine.queuedRuns == 0, "\(house.engine.queuedRuns) runs are in line")
        violations.expect(house.environment.armedTimers == 0, "\(house.environment.armedTimers) timers are armed")
        violations.expect(house.provider.openCalls.isEmpty, "\(house.provider.openCalls.count) requests are open")
        violations.expect(!house.journal.isCommitting, "a batch is not committed")
        violations.expect(house.journal.openQuestions == 0, "a question of the engine has no answer")
        // A name that went with its conversation may be another run's now.
        for run in tables.runOrder where !tables.erased.contains(run) { check(run) }
        for session in tables.sessions.keys { checkTurns(session) }
        for client in house.clients {
            for run in client.runs { check(run) }
            for stream in client.streams { check(stream) }
            for stop in client.stops {
                violations.expect(stop.replies.count == 1 || stop.isCut, "a stop has \(stop.replies.count) replies")
            }
        }
    }

    // MARK: The ledger

    private func check(_ run: RunID) {
        let events = tables.events[run, default: []]
        let terminals = events.filter(\.kind.isTerminal)
        violations.expect(terminals.count == 1, "\(run) has \(terminals.count) terminals")
        guard let row = tables.runs[run], let terminal = terminals.first else { return }
        let members = terminal.members
        violations.expect(
            members["status"]?.string == row.record.status.rawValue, "\(run) ends otherwise than its row says")
        let answers = tables.messages(of: run).filter { $0.role == .assistant }
        violations.expect(
            row.record.assistantMessageID == answers.last?.messageID, "\(run) does not name its last message")
        violations.expect(
            answers.last?.interrupted == (row.record.status == .interrupted), "\(run)'s last message has a wrong mark")
        let rows = answers.map(\.content).filter { !$0.isEmpty }.joined(separator: "\n\n")
        let texts = texts(of: run)
        violations.expect(joined(texts) == rows, "\(run)'s messages are not what was streamed")
        for answer in answers {
            let streamed = texts.first { $0.message == answer.messageID.text }?.text ?? ""
            violations.expect(streamed == answer.content, "\(answer.messageID) is not what was streamed")
        }
        checkCalls(run, events)
        let note = note(row.record)
        let isMarked = note.map { answers.last?.content.hasSuffix($0) == true } ?? true
        violations.expect(isMarked, "\(run)'s last message has no mark of its end")
        // What was said and not heard before a crash is lost; without one, all that was said is there.
        let calls = house.provider.calls(of: run)
        guard row.record.error?.code != .daemonRestart, !calls.contains(where: { $0.state == .lost }) else { return }
        checkUsage(run, members, calls)
        // An answer that outgrew the run loses the piece that was too much.
        guard row.record.error?.code != .limitTokens else { return }
        violations.expect(heard(events, note) == calls.flatMap(\.said), "\(run)'s log is not what its model said")
    }

    /// Each run has a turn of its own, and those that began follow each other in the order in which they did.
    private func checkTurns(_ session: SessionID) {
        var turns: [RunID: Set<Int64>] = [:]
        for message in tables.messages[session, default: []] {
            turns[message.runID, default: []].insert(TurnPosition.turn(of: message.position))
        }
        violations.expect(turns.values.allSatisfy { $0.count == 1 }, "a run of \(session) has several turns")
        let all = turns.values.compactMap(\.first)
        violations.expect(Set(all).count == all.count, "two runs of \(session) share a turn")
        let begun = tables.begun[session, default: []].compactMap { turns[$0]?.first }
        violations.expect(begun == begun.sorted(), "\(session)'s turns are not in the order in which they began")
    }

    /// The mark that the answer of a run gets.
    private func note(_ run: RunRecord) -> String? {
        if let error = run.error { return "[error: \(error.code.rawValue)]" }
        return run.cancelReason == .stop && !house.haltNote.isEmpty ? house.haltNote : nil
    }

    /// What a log says that the model said: message by message, without the mark at its end.
    private func heard(_ events: [LedgerTables.Event], _ note: String?) -> [Saying] {
        var messages: [(name: String?, said: [Saying])] = []
        for event in events {
            let text = event.members[event.kind == .toolCallStarted ? "tool_name" : "content"]?.string
            guard [.runContent, .reasoningContent, .toolCallStarted].contains(event.kind), let text else { continue }
            let name = event.members["message_id"]?.string
            if messages.isEmpty || (name != nil && messages.last?.name != nil && messages.last?.name != name) {
                messages.append((name, []))
            }
            if let name { messages[messages.count - 1].name = name }
            messages[messages.count - 1].said.add(event.kind, text)
        }
        if let note, let last = messages.last?.said.last, last.kind == .runContent, last.text.hasSuffix(note) {
            messages[messages.count - 1].said.removeLast()
            var rest = last.text.dropLast(note.count)
            if rest.hasSuffix("\n\n") { rest = rest.dropLast(2) }
            messages[messages.count - 1].said.add(.runContent, String(rest))
        }
        return messages.flatMap(\.said)
    }

    /// The deltas of a run, grouped by message.
    private func texts(of run: RunID) -> [(message: String, text: String)] {
        var texts: [(message: String, text: String)] = []
        for event in tables.events[run, default: []] where event.kind == .runContent {
            let members = event.members
            guard let name = members["message_id"]?.string, let content = members["content"]?.string else { continue }
            if texts.last?.message == name {
                texts[texts.count - 1].text += content
            } else {
                texts.append((name, content))
            }
        }
        return texts
    }

    private func joined(_ texts: [(message: String, text: String)]) -> String {
        texts.map(\.text).joined(separator: "\n\n")
    }

    private func checkCalls(_ run: RunID, _ events: [LedgerTables.Event]) {
        let name = { (event: LedgerTables.Event) in event.members["tool_call_id"]?.string ?? "" }
        var open: [String] = []
        var ended = 0
        for event in events {
            switch event.kind {
            case .toolCallStarted: open.append(name(event))
            case .toolCallCompleted:
                let place = open.firstIndex(of: name(event))
                violations.expect(place != nil, "a call of \(run) ends that never began")
                if let place { open.remove(at: place) }
                ended += 1
            default: break
            }
        }
        violations.expect(open.isEmpty, "\(open.count) calls of \(run) have no end")
        let results = tables.messages(of: run).filter { $0.role == .tool }
        violations.expect(results.count == ended, "\(run) has \(ended) calls and \(results.count) results")
    }

    /// Each answer that was asked for is counted once, however often the request had to be made.
    private func checkUsage(_ run: RunID, _ terminal: JSONObject, _ calls: [SimulatedCall]) {
        guard let usage = terminal["usage"]?.object else {
            return violations.expect(false, "\(run) does not say what it cost")
        }
        let asked = Set(calls.map(\.request.step)).count
        violations.expect(
            usage["requests"]?.int64 == Int64(asked), "\(run) asked for \(asked) answers and counts otherwise")
        let isIncomplete = calls.contains { $0.reported == nil }
        violations.expect(usage["incomplete"]?.bool == isIncomplete, "\(run) has a wrong mark for unknown usage")
    }

    // MARK: The clients' ledgers

    /// A stream has had what the ledger has after the place it asked for, and nothing twice.
    private func check(_ stream: SimulatedStream) {
        violations.expect(stream.replies.count == 1 || stream.isCut, "an attach has \(stream.replies.count) replies")
        guard let attachment = stream.attachment, let sink = stream.sink, sink.hasRoom else { return }
        guard !tables.erased.contains(attachment.runID), sink.breach == nil else { return }
        let start: Int64 = if case .seq(let seq) = stream.command.after { seq } else { attachment.lastSeq }
        let wanted = tables.events[attachment.runID, default: []].filter { event in
            event.seq > start && (event.kind.isFinal || !sink.wantsFinalOnly)
        }
        let seen = sink.events
        // What was told and not sealed is lost when the power fails.
        let sure = stream.isCut ? (seen.lastIndex { $0.kind.isSealed } ?? -1) + 1 : wanted.count
        let expected =
            stream.isCut ? seen.prefix(sure).last.map { last in wanted.filter { $0.seq <= last.seq } } ?? [] : wanted
        violations.expect(
            isSame(seen.prefix(sure), expected),
            "\(attachment.runID) was replayed as \(seen.map(\.seq)), not as \(wanted.map(\.seq))")
        if let terminal = seen.last, terminal.kind.isTerminal, terminal.payload["clipped"] == nil {
            violations.expect(
                terminal.content == joined(texts(of: attachment.runID)),
                "\(attachment.runID)'s replayed terminal does not say what was streamed")
        }
    }

    /// Whether what was told is what is kept, or has neighbouring pieces of a message as one, under the seq of the last.
    private func isSame(_ told: ArraySlice<RecordedEvent>, _ kept: [LedgerTables.Event]) -> Bool {
        var rest = kept[...]
        for event in told {
            var text = ""
            while let next = rest.first, next.seq < event.seq {
                let isPiece = [.runContent, .reasoningContent].contains(next.kind) && next.kind == event.kind
                guard isPiece, next.members["message_id"] == event.payload["message_id"] else { return false }
                text += next.members["content"]?.string ?? ""
                rest.removeFirst()
            }
            guard let last = rest.popFirst(), last.seq == event.seq, last.ts == event.ts, last.kind == event.kind else {
                return false
            }
            text += last.members["content"]?.string ?? ""
            let isPayload = event.payload.members.elementsEqual(last.members.members) { told, kept in
                told.name == kept.name && (told.value == kept.value || told.name == "content")
            }
            guard isPayload, event.payload["content"]?.string ?? "" == text else { return false }
        }
        return rest.isEmpty
    }

    private func check(_ run: SimulatedRun) {
        violations.expect(run.replies.count == 1 || run.isCut, "a run has \(run.replies.count) replies")
        guard let name = run.acceptance?.runID else {
            violations.expect(run.events.isEmpty, "a run that is not accepted has events")
            return
        }
        guard run.acceptance?.isExisting != true else {
            return violations.expect(run.events.isEmpty, "a command that was sent again has events")
        }
        guard !tables.erased.contains(name) else { return }
        let log = tables.events[name, default: []]
        let wanted = run.sink?.wantsFinalOnly == true ? log.filter(\.kind.isFinal) : log
        // Text may be lost when the power fails, and nothing else: up to the last sealed event all must be there.
        let seen = run.events
        let sure = (seen.lastIndex { $0.kind.isSealed } ?? -1) + 1
        for (index, event) in seen.prefix(sure).enumerated() {
            let isSame = index < wanted.count && wanted[index].seq == event.seq && wanted[index].kind == event.kind
            violations.expect(
                isSame, "\(event.kind) \(event.seq) of \(name) was told and is not kept, or came with a gap")
        }
        if run.sink != nil, !run.isCut {
            violations.expect(
                seen.count == wanted.count, "\(name) has \(wanted.count) events and \(seen.count) were told")
        }
        if let terminal = run.terminal, terminal.payload["clipped"] == nil {
            violations.expect(
                terminal.content == joined(texts(of: name)), "\(name)'s terminal does not say what was streamed")
        }
    }
}
