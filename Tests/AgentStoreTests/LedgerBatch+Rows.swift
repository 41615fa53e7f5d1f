import AgentProtocol

@testable import AgentEngine

/// Rows as the engine writes them, by hand.
extension LedgerBatch {
    func add(_ kind: EventKind, run: String, seq: Int64, ts: Int64 = 1, payload: String = "{}") {
        func place(_ text: String) -> Range<Int> {
            let start = bytes.count
            bytes.append(contentsOf: text.utf8)
            return start..<bytes.count
        }
        let name = place(run)
        let members = place(payload)
        events.append(
            Event(runID: name, seq: seq, ts: ts, kind: kind, payload: members, kept: members, contentEnd: 0))
        if kind.isSealed { isSealed = true }
        if events[events.count - 1].isDelta { deltas += 1 }
    }

    func addText(_ text: String, run: String, seq: Int64, message: String = "m1") {
        add(.runContent, run: run, seq: seq, payload: #"{"content":"\#(text)","message_id":"\#(message)"}"#)
    }

    func addSession(
        _ name: String, user: String? = nil, agent: String = "helper", updatedAt: Int64 = 1, isActive: Bool = true,
        metadata: JSONObject? = nil
    ) {
        append(
            .sessionCreated(
                SessionRecord(
                    sessionID: SessionID(trusted: name), userID: user.map(UserID.init(trusted:)),
                    agent: AgentName(trusted: agent), isActive: isActive, createdAt: Timestamp(milliseconds: updatedAt),
                    updatedAt: Timestamp(milliseconds: updatedAt), metadata: metadata)))
    }

    func addRun(
        _ name: String, session: String, user: String? = nil, agent: String = "helper", createdAt: Int64 = 1,
        question: String? = nil, request: String = "{}", status: RunStatus = .running, isBound: Bool = false
    ) {
        var run = RunRecord(
            runID: RunID(trusted: name), sessionID: SessionID(trusted: session),
            userID: user.map(UserID.init(trusted:)), agent: AgentName(trusted: agent), status: status,
            createdAt: Timestamp(milliseconds: createdAt))
        run.userMessageID = question.map(MessageID.init(trusted:))
        let digest = InputDigest(RunCommand(input: name))
        append(.runAccepted(run, RunOrigin(request: Array(request.utf8), digest: digest, isBound: isBound)))
    }

    func addMessage(
        _ name: String, session: String, run: String, position: Int64, role: Role = .user, content: String = "hi",
        error: ErrorRecord? = nil
    ) {
        append(
            .messageAdded(
                .made(name, run: run, position: position, role: role, content: content, error: error),
                SessionID(trusted: session)))
    }

    func endRun(_ name: String, status: RunStatus = .completed, error: ErrorRecord? = nil, lastSeq: Int64 = 9) {
        append(
            .runEnded(
                RunEnd(
                    runID: RunID(trusted: name), status: status, completedAt: Timestamp(milliseconds: 99),
                    assistantMessageID: nil, usage: Usage(inputTokens: 3, requests: 1),
                    stopReason: status == .completed ? .stop : nil,
                    cancelReason: status == .interrupted ? .stop : nil, error: error, lastSeq: lastSeq)))
    }
}

extension Message {
    static func made(
        _ name: String, run: String, position: Int64, role: Role = .user, content: String = "hi",
        error: ErrorRecord? = nil
    ) -> Message {
        Message(
            messageID: MessageID(trusted: name), runID: RunID(trusted: run), step: role == .user ? 0 : 1,
            position: position, role: role, content: content, createdAt: Timestamp(milliseconds: position),
            completedAt: Timestamp(milliseconds: position), error: error)
    }
}
