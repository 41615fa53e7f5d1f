/// The first schema.
///
/// A run's log is in two tables. `ai_agent_run_events` has what is kept: a row for each event, but one row for all the
/// deltas of a stretch of text, whose cuts are in `boundaries`. `ai_agent_run_deltas` has the deltas of the steps that
/// are still open, in order of arrival and without an index: a thousand live runs would touch a thousand index pages in
/// turn, which costs five times what appending costs (DESIGN.md has the measurement).
///
/// A run's number counts acceptances. It is the row's own key, so every index has it, and the lists of runs need no other
/// order.
enum Migration001 {
    static let sql = """
        CREATE TABLE ai_agent_sessions (
            session_id      TEXT    NOT NULL PRIMARY KEY,
            user_id         TEXT,
            agent_name      TEXT    NOT NULL,
            created_at      INTEGER NOT NULL,
            updated_at      INTEGER NOT NULL,
            session_title   TEXT,
            session_summary TEXT,
            is_active       INTEGER NOT NULL DEFAULT 1,
            metadata        TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ai_agent_sessions_by_time  ON ai_agent_sessions (is_active, updated_at DESC, session_id);
        CREATE INDEX ai_agent_sessions_by_user  ON ai_agent_sessions (user_id, is_active, updated_at DESC, session_id);
        CREATE INDEX ai_agent_sessions_by_agent ON ai_agent_sessions (agent_name, is_active, updated_at DESC, session_id);

        CREATE TABLE ai_agent_messages (
            message_id     TEXT    NOT NULL PRIMARY KEY,
            session_id     TEXT    NOT NULL,
            run_id         TEXT    NOT NULL,
            step           INTEGER NOT NULL,
            position       INTEGER NOT NULL,
            role           TEXT    NOT NULL,
            content        TEXT    NOT NULL,
            tool_call_id   TEXT,
            tool_name      TEXT,
            tool_arguments TEXT,
            created_at     INTEGER NOT NULL,
            completed_at   INTEGER,
            interrupted    INTEGER NOT NULL DEFAULT 0,
            error          TEXT,
            provider_data  BLOB
        ) STRICT;
        CREATE UNIQUE INDEX ai_agent_messages_by_position ON ai_agent_messages (session_id, position);

        CREATE TABLE ai_agent_runs (
            number               INTEGER NOT NULL PRIMARY KEY,
            run_id               TEXT    NOT NULL UNIQUE,
            session_id           TEXT    NOT NULL,
            user_id              TEXT,
            parent_run_id        TEXT,
            agent_name           TEXT    NOT NULL,
            provider             TEXT,
            model                TEXT,
            user_message_id      TEXT,
            assistant_message_id TEXT,
            created_at           INTEGER NOT NULL,
            started_at           INTEGER,
            completed_at         INTEGER,
            status               TEXT    NOT NULL,
            request              TEXT    NOT NULL,
            last_seq             INTEGER NOT NULL DEFAULT 0,
            stop_requested_at    INTEGER,
            stop_request_reason  TEXT,
            stop_reason          TEXT,
            cancel_reason        TEXT,
            error_code           TEXT,
            error_message        TEXT,
            error_retryable      INTEGER,
            error_http_status    INTEGER,
            input_tokens         INTEGER,
            cache_read_tokens    INTEGER,
            cache_write_tokens   INTEGER,
            output_tokens        INTEGER,
            reasoning_tokens     INTEGER,
            total_tokens         INTEGER,
            cost                 REAL,
            model_requests       INTEGER,
            usage_estimated      INTEGER,
            usage_incomplete     INTEGER,
            input_digest         TEXT,
            is_bound             INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX ai_agent_runs_by_session ON ai_agent_runs (session_id);
        CREATE INDEX ai_agent_runs_by_user    ON ai_agent_runs (user_id);
        CREATE INDEX ai_agent_runs_by_agent   ON ai_agent_runs (agent_name);
        CREATE INDEX ai_agent_runs_by_status  ON ai_agent_runs (status) WHERE status != 'completed';
        CREATE INDEX ai_agent_runs_live       ON ai_agent_runs (session_id)
            WHERE status IN ('queued', 'running', 'paused');

        CREATE TABLE ai_agent_run_events (
            run_id     TEXT    NOT NULL,
            seq        INTEGER NOT NULL,
            ts         INTEGER NOT NULL,
            event      TEXT    NOT NULL,
            payload    TEXT    NOT NULL,
            boundaries BLOB
        ) STRICT;
        CREATE UNIQUE INDEX ai_agent_run_events_by_run ON ai_agent_run_events (run_id, seq);

        CREATE TABLE ai_agent_run_deltas (
            id      INTEGER NOT NULL PRIMARY KEY,
            run_id  TEXT    NOT NULL,
            seq     INTEGER NOT NULL,
            ts      INTEGER NOT NULL,
            event   TEXT    NOT NULL,
            payload TEXT    NOT NULL
        ) STRICT;

        CREATE TABLE ai_agent_requirements (
            id           TEXT    NOT NULL PRIMARY KEY,
            run_id       TEXT    NOT NULL,
            tool_call_id TEXT,
            kind         TEXT    NOT NULL,
            payload      TEXT    NOT NULL,
            created_at   INTEGER NOT NULL,
            expires_at   INTEGER,
            resolved_at  INTEGER,
            answer       TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ai_agent_requirements_by_run ON ai_agent_requirements (run_id);

        CREATE TABLE ai_agent_ledger (
            name  TEXT    NOT NULL PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
