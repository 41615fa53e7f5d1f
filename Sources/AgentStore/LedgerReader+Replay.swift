internal import AgentEngine
internal import AgentProtocol

/// A run's log, read out again as it was.
extension LedgerReader {
    func replay(_ query: ReplayQuery) throws(StoreError) -> Result<ReplayPage, AgentError> {
        let finals = EventKind.allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let statement = try connection.statement(
            """
            SELECT seq, ts, event, payload, boundaries FROM ai_agent_run_events
            WHERE run_id = ?1 AND seq > ?2 \(query.finalOnly ? "AND event IN (\(finals))" : "") ORDER BY seq
            """)
        statement.bind(1, query.runID.text)
        statement.bind(2, query.after)
        defer { statement.reset() }
        var page = ReplayPage()
        var last = query.after
        var message = MessageText()
        while try statement.step() {
            guard page.bytes.count < query.limit else {
                page.hasMore = true
                break
            }
            let seq = try statement.seq(0)
            let time = try statement.time(1).milliseconds
            if let boundaries = statement.blob(4) {
                let fold = try EventTable.Fold(statement, seq: seq, time: time, boundaries: boundaries)
                // What is missing here stands in an open step, in the daemon's memory.
                guard fold.firstSeq <= last + 1 else { break }
                let kind: EventKind = try statement.choice(2, "event kind")
                last = try unfold(fold, kind, after: last, limit: query.limit, &message, into: &page)
                page.hasMore = last < seq
            } else {
                guard query.finalOnly || seq == last + 1 else { break }
                let kind: EventKind = try statement.choice(2, "event kind")
                switch kind {
                case .runStarted:
                    let payload = try beginning(of: query.runID)
                    page.append(kind, seq: seq, time: time) { $0.append(contentsOf: payload) }
                case _ where kind.isTerminal:
                    let end = try end(of: query.runID, statement)
                    page.append(kind, seq: seq, time: time, content: end.content) { $0.append(contentsOf: end.payload) }
                default:
                    let payload = try members(statement)
                    page.append(kind, seq: seq, time: time) { $0.append(contentsOf: payload) }
                }
                last = seq
            }
        }
        return .success(page)
    }

    /// An event's own members as they stand: an object that is not empty, on one line, as a frame wants it.
    private func members(_ row: Statement) throws(StoreError) -> [UInt8] {
        guard let object = try JSONColumn.object(row, 3, "event"), !object.isEmpty, let bytes = row.bytes(3),
            bytes.first == UInt8(ascii: "{"), bytes.allSatisfy({ $0 >= UInt8(ascii: " ") })
        else { throw .unreadable("event") }
        return Array(bytes)
    }

    /// Cuts a folded text into the events that it was, from a seq on; returns the seq of the last one.
    private func unfold(
        _ fold: EventTable.Fold, _ kind: EventKind, after: Int64, limit: Int, _ last: inout MessageText,
        into page: inout ReplayPage
    ) throws(StoreError) -> Int64 {
        let text = kind == .runContent ? try self.text(of: fold.messageID, &last) : Array((fold.content ?? "").utf8)
        let messageID = Array(fold.messageID.text.utf8)
        var boundaries = fold.boundaries
        var seq = fold.firstSeq
        var start = fold.offset
        return try text.withUnsafeBufferPointer { (text) throws(StoreError) in
            var escaped: [UInt8] = []
            while !boundaries.isAtEnd, page.bytes.count < limit {
                guard let (time, length) = boundaries.next(), length <= text.count - start else {
                    throw .unreadable("event's boundaries")
                }
                if seq > after {
                    escaped.removeAll(keepingCapacity: true)
                    JSONEscaping.append(
                        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[start..<start + length]),
                        to: &escaped)
                    page.append(kind, seq: seq, time: time) { bytes in
                        escaped.withUnsafeBytes { DeltaPayload.append($0, messageID: messageID, to: &bytes) }
                    }
                }
                seq += 1
                start += length
            }
            return seq - 1
        }
    }

    /// The text of the message that was read last: its stretches mostly follow each other.
    private struct MessageText {
        var messageID: MessageID?
        var bytes: [UInt8] = []
    }

    private func text(of message: MessageID, _ last: inout MessageText) throws(StoreError) -> [UInt8] {
        if last.messageID == message { return last.bytes }
        guard let found = try MessageTable.find(message, on: connection) else {
            throw .unreadable("message of an event")
        }
        last = MessageText(messageID: message, bytes: Array(found.content.utf8))
        return last.bytes
    }

    /// The members of the event with which a run began.
    private func beginning(of run: RunID) throws(StoreError) -> [UInt8] {
        guard let record = try RunTable.find(run, on: connection), let name = record.userMessageID,
            let question = try MessageTable.find(name, on: connection)
        else { throw .unreadable("beginning of a run") }
        return RunPayload.started(record, question.content)
    }

    /// The members of a terminal event, of which the row has the rest; and its text, which is that of the run's messages,
    /// cut as it was when the event was first told.
    private func end(of run: RunID, _ row: Statement) throws(StoreError) -> (payload: [UInt8], content: [UInt8]) {
        guard let rest = try JSONColumn.object(row, 3, "event"), let record = try RunTable.find(run, on: connection)
        else { throw .unreadable("end of a run") }
        var escaped: [UInt8] = []
        JSONEscaping.append(try answer(of: record), to: &escaped)
        guard let payload = RunPayload.ended(record, rest: rest, answer: escaped) else {
            throw .unreadable("end of a run")
        }
        return (
            payload, Array(escaped.prefix(EscapedText.boundary(in: escaped, from: 0, limit: Limits.clipBytes)))
        )
    }

    /// All that a run's messages say.
    func answer(of run: RunRecord) throws(StoreError) -> String {
        try MessageTable.ofRun(run, on: connection).filter { $0.role == .assistant && !$0.content.isEmpty }
            .map(\.content).joined(separator: "\n\n")
    }
}
