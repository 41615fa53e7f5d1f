import AgentEngine
import AgentProtocol

/// How runs began and ended: their rows and their messages say it, and the log leaves it out.
extension LedgerFile {
    /// A run as its row has it, and what was said in it.
    struct Told {
        let run: RunRecord
        let question: String
        let answer: String

        /// The payload of the run's first or last event, of which the log has the rest; nil for other events.
        func payload(of event: String, _ rest: [UInt8]) -> [UInt8]? {
            if event == "run_started" { return RunPayload.started(run, question) }
            guard EventKind(rawValue: event)?.isTerminal == true, let rest = (try? JSONReader.read(rest))?.object else {
                return nil
            }
            var escaped: [UInt8] = []
            JSONEscaping.append(answer, to: &escaped)
            return RunPayload.ended(run, rest: rest, answer: escaped)
        }
    }

    /// What the runs that ended from a time on come to.
    public struct Sum: Sendable {
        /// How many, by status.
        public let byStatus: [String: Int64]
        /// Tokens that were read.
        public let inputTokens: Int64
        /// Tokens that were written.
        public let outputTokens: Int64
    }

    /// Counts the runs that ended from a time on, in epoch milliseconds.
    public func ends(since: Int64) throws(TestFailure) -> Sum {
        let rows = try rows(
            """
            SELECT status, count(*), ifnull(sum(input_tokens), 0), ifnull(sum(output_tokens), 0) FROM ai_agent_runs
            WHERE completed_at >= \(since) GROUP BY status
            """
        ) { (status: $0.text(0) ?? "", runs: $0.integer(1), input: $0.integer(2), output: $0.integer(3)) }
        return Sum(
            byStatus: Dictionary(uniqueKeysWithValues: rows.map { ($0.status, $0.runs) }),
            inputTokens: rows.reduce(0) { $0 + $1.input }, outputTokens: rows.reduce(0) { $0 + $1.output })
    }

    /// The runs whose names match a GLOB pattern.
    func told(ofRunsLike pattern: String) throws(TestFailure) -> [String: Told] {
        let rows = try rows(
            """
            SELECT run_id, session_id, agent_name, status, created_at, started_at, completed_at, provider, model,
                user_message_id, stop_reason, cancel_reason, error_code, error_message, error_retryable,
                error_http_status, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
                total_tokens, cost, model_requests, usage_estimated, usage_incomplete,
                (SELECT content FROM ai_agent_messages WHERE message_id = user_message_id),
                (SELECT group_concat(content, char(10, 10)) FROM (SELECT content FROM ai_agent_messages m
                    WHERE m.run_id = r.run_id AND m.session_id = r.session_id AND role = 'assistant' AND content != ''
                    ORDER BY position))
            FROM ai_agent_runs r WHERE run_id GLOB '\(pattern)'
            """
        ) { row in
            var run = RunRecord(
                runID: RunID(trusted: row.text(0) ?? ""), sessionID: SessionID(trusted: row.text(1) ?? ""), userID: nil,
                agent: AgentName(trusted: row.text(2) ?? ""), status: row.text(3).flatMap(RunStatus.init) ?? .running,
                createdAt: Timestamp(milliseconds: row.integer(4)))
            run.startedAt = row.number(5).map(Timestamp.init(milliseconds:))
            run.completedAt = row.number(6).map(Timestamp.init(milliseconds:))
            run.provider = row.text(7)
            run.model = row.text(8)
            run.userMessageID = row.text(9).map(MessageID.init(trusted:))
            run.stopReason = row.text(10).flatMap(StopReason.init)
            run.cancelReason = row.text(11).flatMap(CancelReason.init)
            if let code = row.text(12).flatMap(ErrorCode.init) {
                run.error = ErrorRecord(
                    code, row.text(13) ?? "", retryable: row.integer(14) == 1, httpStatus: row.number(15))
            }
            run.usage = row.number(23).map { requests in
                Usage(
                    inputTokens: row.number(16), cacheReadTokens: row.number(17), cacheWriteTokens: row.number(18),
                    outputTokens: row.number(19), reasoningTokens: row.number(20), totalTokens: row.number(21),
                    costUSD: row.double(22), requests: requests, estimated: row.integer(24) == 1,
                    incomplete: row.integer(25) == 1)
            }
            return Told(run: run, question: row.text(26) ?? "", answer: row.text(27) ?? "")
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.run.runID.text, $0) })
    }
}
