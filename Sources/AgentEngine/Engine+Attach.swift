public import AgentProtocol

extension Engine {
    /// Puts a stream on a run's log, live or not. The stream begins to read when `resume` is called, after the reply.
    public func attach(
        _ command: AttachCommand, client: ClientID, sink: (any EventSink)?,
        reply: @escaping (Result<Attachment, AgentError>) -> Void
    ) {
        let again = { [unowned self] in attach(command, client: client, sink: sink, reply: reply) }
        find(command.runID, of: command.sessionID, for: command.userID, again: again) { [unowned self] found in
            switch found {
            // What is under way to the ledger comes first: a run may be named once it is there.
            case .open(let run):
                batch.releases.append(.reply { [unowned self] in attach(run, command, client, sink, reply) })
            case .closed(let answer): reply(answer.flatMap { attach($0, command, client, sink) })
            }
        }
    }

    private func attach(
        _ run: RunDriver, _ command: AttachCommand, _ client: ClientID, _ sink: (any EventSink)?,
        _ reply: (Result<Attachment, AgentError>) -> Void
    ) {
        var record = run.record
        record.lastSeq = run.committedSeq
        // It may have ended while the reply waited: then its end is committed.
        let isLive = runs[record.runID] != nil
        if let status = run.outcome?.status, !isLive { record.status = status }
        let attachment = attach(record, command, client, sink)
        if isLive, case .success(let made) = attachment, let cursor = made.cursor { run.add(cursor) }
        reply(attachment)
    }

    private func attach(
        _ found: RunRecord?, _ command: AttachCommand, _ client: ClientID, _ sink: (any EventSink)?
    ) -> Result<Attachment, AgentError> {
        guard let found, isVisible(found, to: command.userID) else {
            if let name = command.runID { return .failure(.noRun(name)) }
            return .failure(command.sessionID.map(noSession) ?? .invalid("run_id", "or session_id is required"))
        }
        if let session = command.sessionID, session != found.sessionID {
            return .failure(.noRun(found.runID))
        }
        let position: Int64
        switch command.after {
        case .tail: position = found.lastSeq
        case .seq(let seq): position = seq
        }
        guard position <= found.lastSeq else {
            return .failure(
                AgentError(
                    .seqOutOfRange, "the run's last event is \(found.lastSeq)",
                    fields: ["last_seq": .number(JSONNumber(found.lastSeq))]))
        }
        let isOver = found.status.isTerminal && position == found.lastSeq
        let cursor = sink.flatMap { sink in
            isOver
                ? nil
                : RunCursor(
                    runID: found.runID, sessionID: found.sessionID, client: client, sink: sink, state: .lagging,
                    position: position)
        }
        return .success(
            Attachment(
                runID: found.runID, sessionID: found.sessionID, status: found.status, lastSeq: found.lastSeq,
                cursor: cursor))
    }

    // MARK: Reading on

    /// Bytes that a stream reads at once. As frames they may be three times as many.
    private static let replayBytes = 64 * 1024

    /// The stream's client has room: reads on from where the stream stands, until it has caught up.
    public func resume(_ cursor: RunCursor) {
        while cursor.state == .lagging, cursor.sink.hasRoom {
            let run = runs[cursor.runID]
            if let run, cursor.position >= run.lastSeq(for: cursor) {
                cursor.state = .live
            } else if run?.replay(to: cursor, limit: Self.replayBytes) != true {
                readOn(cursor, upTo: run?.lastSeq(for: cursor))
            }
        }
    }

    /// Asks the ledger for what comes next; up to `known` it has all that a live run's stream wants.
    private func readOn(_ cursor: RunCursor, upTo known: Int64?) {
        cursor.state = .reading
        let query = ReplayQuery(
            runID: cursor.runID, after: cursor.position, finalOnly: cursor.sink.wantsFinalOnly,
            limit: Self.replayBytes)
        journal.replay(query) { [weak self] answer in
            guard let self, cursor.state == .reading else { return }
            switch answer {
            case .success(let page): take(page, cursor, upTo: known)
            case .failure(let error): end(cursor, error.code.rawValue)
            }
        }
    }

    private func take(_ page: ReplayPage, _ cursor: RunCursor, upTo known: Int64?) {
        cursor.state = .lagging
        page.bytes.withUnsafeBytes { bytes in
            for event in page.events where cursor.state == .lagging {
                cursor.deliver(
                    CommittedEvent(
                        runID: cursor.runID, sessionID: cursor.sessionID, kind: event.kind, seq: event.seq,
                        ts: event.time, payload: UnsafeRawBufferPointer(rebasing: bytes[event.payload]),
                        content: event.content.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }))
            }
        }
        guard cursor.state == .lagging else { return }
        // Between two events that a `final` stream wants there may be others, which it passes over.
        if cursor.sink.wantsFinalOnly, !page.hasMore, let known { cursor.position = max(cursor.position, known) }
        if page.events.isEmpty, !page.hasMore {
            guard runs[cursor.runID] != nil else { return end(cursor, "deleted") }
            // What a live run has committed is there, or the ledger is not what it should be: asked again it would not
            // say more.
            guard cursor.sink.wantsFinalOnly else { return end(cursor, ErrorCode.storageError.rawValue) }
        }
        resume(cursor)
    }

    private func end(_ cursor: RunCursor, _ reason: String) {
        leave(cursor)
        cursor.sink.broke(reason)
    }

    // MARK: Leaving

    /// A connection wants no more of a run; the run goes on.
    public func leave(_ cursor: RunCursor) {
        cursor.state = .ended
        runs[cursor.runID]?.remove(cursor)
    }

    /// A client lets go of a run: it does not end when the client goes away.
    public func detach(
        _ command: DetachCommand, client: ClientID, reply: @escaping (Result<RunID, AgentError>) -> Void
    ) {
        let again = { [unowned self] in detach(command, client: client, reply: reply) }
        find(command.runID, of: nil, for: command.userID, again: again) { [unowned self] found in
            switch found {
            case .open(let run):
                if run.boundClient == client { unbind(run) }
                // That nobody's going away ends it is in the ledger before it is said.
                batch.releases.append(.reply { reply(.success(command.runID)) })
            case .closed(let answer):
                reply(
                    answer.flatMap { found in
                        guard let found, isVisible(found, to: command.userID) else {
                            return .failure(.noRun(command.runID))
                        }
                        return .success(found.runID)
                    })
            }
        }
    }
}
