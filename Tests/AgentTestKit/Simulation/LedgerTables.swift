public import AgentEngine
public import AgentProtocol

/// The ledger's rows, with the rules that a schema would enforce.
public struct LedgerTables {
    /// One row of a run's log.
    public struct Event {
        /// The run.
        public let runID: RunID
        /// What happened.
        public let kind: EventKind
        /// Place in the log.
        public let seq: Int64
        /// When, in epoch milliseconds.
        public let ts: Int64
        /// The event's own members, as JSON.
        public let payload: [UInt8]
        /// What the ledger keeps of them.
        let kept: [UInt8]
        /// The event's own members; nil when the payload is no JSON object.
        let parsed: JSONObject?

        /// The event's own members.
        public var members: JSONObject { parsed ?? [:] }

        /// Whether it is a piece of text or reasoning.
        public var isDelta: Bool { kind == .runContent || kind == .reasoningContent }
    }

    /// A run's row.
    public struct Run {
        /// What `get` shows.
        public var record: RunRecord
        /// Whether a stop is asked for.
        public var isStopRequested = false
        /// The words that came with it.
        public var stopReason: String?
        /// What tells its command from another one.
        public var digest: InputDigest
        /// Whether it ends when its client goes away.
        public var isBound: Bool
        /// Whether it joined its line in front.
        public var isInFront: Bool
    }

    /// What a batch adds.
    enum Row {
        case event(Event)
        case change(LedgerChange)
    }

    /// Conversations.
    public private(set) var sessions: [SessionID: SessionRecord] = [:]
    /// Messages of each conversation, in their order.
    public private(set) var messages: [SessionID: [Message]] = [:]
    /// Runs.
    public private(set) var runs: [RunID: Run] = [:]
    /// Names of the runs, in the order in which they were accepted.
    public private(set) var runOrder: [RunID] = []
    /// Runs that went with their conversations.
    public private(set) var erased: Set<RunID> = []
    /// The log of each run.
    public private(set) var events: [RunID: [Event]] = [:]

    /// Runs in the order in which they began, of each conversation.
    public private(set) var begun: [SessionID: [RunID]] = [:]
    /// Runs that wait, in the order in which they must begin, of each conversation.
    public private(set) var lines: [SessionID: [RunID]] = [:]
    /// How many runs have ended, those that went later too.
    public private(set) var ends: [RunStatus: Int64] = [:]
    /// Questions that got another place.
    public private(set) var moves = 0

    private var live: [SessionID: RunID] = [:]

    /// How many runs are live.
    public var liveRuns: Int { live.count }

    /// The last turn of a conversation; without the runs that are left out.
    func lastTurn(of session: SessionID, without excluded: Set<RunID> = []) -> Int64 {
        let last = messages[session, default: []].last { !excluded.contains($0.runID) }
        return TurnPosition.turn(of: last?.position ?? 0)
    }

    /// The messages of one run, in their order.
    public func messages(of run: RunID) -> [Message] {
        guard let session = runs[run]?.record.sessionID else { return [] }
        return messages[session, default: []].filter { $0.runID == run }
    }

    /// What the ledger keeps of a run's log: everything but the deltas of a step that is still open.
    func kept(_ run: RunID) -> [Event] {
        let closed = Set(messages(of: run).map(\.messageID.text))
        return events[run, default: []].filter { event in
            !event.isDelta || closed.contains(event.members["message_id"]?.string ?? "")
        }
    }

    /// The rows of a batch: what the engine changed beside the log comes last, as in the ledger.
    static func rows(of batch: LedgerBatch) -> [Row] {
        batch.events.map { event in
            let payload = Array(batch.bytes[event.payload])
            return .event(
                Event(
                    runID: RunID(trusted: String(decoding: batch.bytes[event.runID], as: UTF8.self)),
                    kind: event.kind, seq: event.seq, ts: event.ts, payload: payload,
                    kept: Array(batch.bytes[event.kept]),
                    parsed: (try? JSONReader.read(payload))?.object)
            )
        } + batch.changes.map(Row.change)
    }

    mutating func apply(_ rows: [Row], _ violations: Violations) {
        for row in rows {
            switch row {
            case .event(let event): apply(event, violations)
            case .change(let change): apply(change, violations)
            }
        }
        for case .event(let event) in rows {
            violations.expect(
                runs[event.runID] != nil || erased.contains(event.runID), "an event of \(event.runID), which has no row"
            )
            check(event, violations)
        }
    }

    /// What the ledger keeps of an event, its run and its messages must give it back.
    private func check(_ event: Event, _ violations: Violations) {
        guard let run = runs[event.runID]?.record else { return }
        var payload: [UInt8]? = event.kept
        if event.kind == .runStarted {
            let question = messages(of: event.runID).first { $0.messageID == run.userMessageID }
            payload = RunPayload.started(run, question?.content ?? "")
        } else if event.kind.isTerminal, let rest = (try? JSONReader.read(event.kept))?.object {
            let texts = messages(of: event.runID).filter { $0.role == .assistant && !$0.content.isEmpty }
            var answer: [UInt8] = []
            JSONEscaping.append(texts.map(\.content).joined(separator: "\n\n"), to: &answer)
            payload = RunPayload.ended(run, rest: rest, answer: answer)
        }
        violations.expect(payload == event.payload, "\(event.kind) of \(event.runID) cannot be told again")
    }

    private mutating func apply(_ event: Event, _ violations: Violations) {
        let last = events[event.runID]?.last
        violations.expect(event.seq > last?.seq ?? 0, "seq \(event.seq) of \(event.runID) does not rise")
        violations.expect(event.parsed != nil, "\(event.kind) \(event.seq) of \(event.runID) is no JSON object")
        violations.expect(last?.kind.isTerminal != true, "\(event.kind) after the terminal of \(event.runID)")
        let isInPlace =
            switch event.kind {
            case .runQueued: last == nil
            case .runStarted: last == nil || last?.kind == .runQueued
            default: last != nil
            }
        violations.expect(isInPlace, "\(event.kind) \(event.seq) of \(event.runID) is not in its place")
        events[event.runID, default: []].append(event)
    }

    private mutating func apply(_ change: LedgerChange, _ violations: Violations) {
        switch change {
        case .sessionCreated(let session):
            violations.expect(sessions[session.sessionID] == nil, "\(session.sessionID) is created twice")
            sessions[session.sessionID] = session
        case .sessionTouched(let session, let now):
            violations.expect(sessions[session] != nil, "\(session) is touched and not there")
            sessions[session]?.updatedAt = now
        case .sessionChanged(let session):
            violations.expect(sessions[session.sessionID] != nil, "\(session.sessionID) is changed and not there")
            sessions[session.sessionID] = session
        case .sessionDeleted(let session): erase(session, violations)
        case .messageAdded(let message, let session): add(message, session, violations)
        case .answerAdded(var message, let session, let text):
            message.content = text.plain
            add(message, session, violations)
        case .textFolded(let fold): check(fold, violations)
        case .messageMoved(let message, let position): move(message, position, violations)
        case .runAccepted(let run, let origin): add(run, origin, violations)
        case .runBegan(let run, let now, let model, let provider):
            violations.expect(runs[run]?.record.status == .queued, "\(run) begins and did not wait")
            guard let session = runs[run]?.record.sessionID else { break }
            violations.expect(
                lines[session]?.first == run, "\(run) overtakes \(lines[session]?.first?.text ?? "nobody")")
            lines[session]?.removeAll { $0 == run }
            begin(run, session, violations)
            runs[run]?.record.status = .running
            runs[run]?.record.startedAt = now
            runs[run]?.record.model = model
            runs[run]?.record.provider = provider
        case .runUnbound(let run):
            violations.expect(runs[run]?.record.status == .queued, "\(run) is unbound and does not wait")
            runs[run]?.isBound = false
        case .stopRequested(let run, _, let reason):
            violations.expect(runs[run]?.record.status.isTerminal == false, "a stop of \(run), which is not live")
            runs[run]?.isStopRequested = true
            runs[run]?.stopReason = reason
        case .runEnded(let end): apply(end, violations)
        }
    }

    private mutating func erase(_ session: SessionID, _ violations: Violations) {
        violations.expect(sessions[session] != nil, "\(session) is deleted and not there")
        violations.expect(
            live[session] == nil && lines[session, default: []].isEmpty, "\(session) is deleted and has an open run")
        sessions[session] = nil
        messages[session] = nil
        lines[session] = nil
        begun[session] = nil
        for run in runOrder where runs[run]?.record.sessionID == session {
            runs[run] = nil
            events[run] = nil
            erased.insert(run)
        }
        runOrder.removeAll { runs[$0] == nil }
    }

    /// A folded stretch must give back each delta that it stands for.
    private func check(_ fold: FoldedText, _ violations: Violations) {
        let name = "the fold at \(fold.lastSeq) of \(fold.runID)"
        let first = fold.lastSeq - Int64(fold.count) + 1
        let deltas = events[fold.runID, default: []].filter { first...fold.lastSeq ~= $0.seq }
        violations.expect(deltas.count == fold.count, "\(name) is of \(fold.count) events, not \(deltas.count)")
        let message = messages(of: fold.runID).first { $0.messageID == fold.messageID }
        let text = fold.content.map { $0.withUnsafeBytes(JSONEscaping.unescape) } ?? message?.content ?? ""
        var bytes = Array(text.utf8).dropFirst(fold.offset)
        var reader = PackedBoundaries.Reader(fold.boundaries, count: fold.count, start: fold.time)
        for delta in deltas {
            guard let (time, length) = reader.next() else {
                return violations.expect(false, "\(name) has too few boundaries")
            }
            let isSame =
                delta.kind == fold.kind && delta.ts == time
                && delta.members["message_id"]?.string == fold.messageID.text
                && delta.members["content"]?.string == String(decoding: bytes.prefix(length), as: UTF8.self)
            violations.expect(isSame, "\(name) does not give back event \(delta.seq)")
            bytes = bytes.dropFirst(length)
        }
        violations.expect(reader.isAtEnd, "\(name) has too many boundaries")
    }

    private mutating func add(_ run: RunRecord, _ origin: RunOrigin, _ violations: Violations) {
        violations.expect(runs[run.runID] == nil, "\(run.runID) is accepted twice")
        let request = (try? JSONReader.read(origin.request))?.object
        let isInFront = request?["on_busy"]?.string == "replace"
        runs[run.runID] = Run(record: run, digest: origin.digest, isBound: origin.isBound, isInFront: isInFront)
        runOrder.append(run.runID)
        guard run.status == .queued else { return begin(run.runID, run.sessionID, violations) }
        violations.expect(!isInFront || live[run.sessionID] == nil, "\(run.runID) replaces a run that goes on")
        var line = lines[run.sessionID, default: []]
        line.insert(run.runID, at: isInFront ? 0 : line.endIndex)
        lines[run.sessionID] = line
    }

    private mutating func begin(_ run: RunID, _ session: SessionID, _ violations: Violations) {
        violations.expect(live[session] == nil, "\(run) is a second live run of \(session)")
        live[session] = run
        begun[session, default: []].append(run)
    }

    private mutating func move(_ message: MessageID, _ position: Int64, _ violations: Violations) {
        let found = messages.first { $0.value.contains { $0.messageID == message } }
        guard let (session, all) = found, var moved = all.first(where: { $0.messageID == message }) else {
            return violations.expect(false, "\(message) is moved and not there")
        }
        moves += 1
        messages[session] = all.filter { $0.messageID != message }
        moved.position = position
        add(moved, session, violations)
    }

    private mutating func add(_ message: Message, _ session: SessionID, _ violations: Violations) {
        violations.expect(sessions[session] != nil, "\(message.messageID) is of \(session), which is not there")
        var all = messages[session, default: []]
        let isNew = all.allSatisfy { $0.position != message.position && $0.messageID != message.messageID }
        violations.expect(isNew, "\(message.messageID) takes the place \(message.position) or the name of another")
        let place = all.firstIndex { $0.position > message.position } ?? all.endIndex
        all.insert(message, at: place)
        messages[session] = all
    }

    private mutating func apply(_ end: RunEnd, _ violations: Violations) {
        violations.expect(runs[end.runID]?.record.status.isTerminal == false, "\(end.runID) ends and is not live")
        violations.expect(
            events[end.runID]?.last?.seq == end.lastSeq, "\(end.runID) ends at seq \(end.lastSeq), not at its last")
        if let session = runs[end.runID]?.record.sessionID {
            if live[session] == end.runID { live[session] = nil }
            lines[session]?.removeAll { $0 == end.runID }
        }
        ends[end.status, default: 0] += 1
        runs[end.runID]?.record.status = end.status
        runs[end.runID]?.record.completedAt = end.completedAt
        runs[end.runID]?.record.assistantMessageID = end.assistantMessageID
        runs[end.runID]?.record.usage = end.usage
        runs[end.runID]?.record.stopReason = end.stopReason
        runs[end.runID]?.record.cancelReason = end.cancelReason
        runs[end.runID]?.record.error = end.error
        runs[end.runID]?.record.lastSeq = end.lastSeq
    }
}
