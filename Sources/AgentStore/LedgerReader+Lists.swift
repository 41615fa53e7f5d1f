internal import AgentEngine
internal import AgentProtocol

/// Pages of a list, newest first: sessions by what happened last in them, and by name among the equally old; runs by
/// their acceptance.
extension LedgerReader {
    /// What differs between one list and another.
    private struct List<Record> {
        /// What the list calls itself in its cursors.
        let kind: String
        let columns: String
        let source: String
        /// How it is sorted, and which rows come after the place ?1, ?2.
        let order: String
        let after: String
        /// What a row must be: an expression and what it equals, or a condition that is whole.
        var filters: [(sql: String, value: String?)] = []
        let read: (Statement) throws(StoreError) -> Record
        let write: (Record, inout JSONWriter) -> Void
        let place: (Record) -> (key: Int64, id: String)
    }

    func list(_ command: ListCommand) throws(StoreError) -> Result<[UInt8], AgentError> {
        if command.kind == .runs { return try page(runs(command), command) }
        return try page(sessions(command), command)
    }

    private func sessions(_ command: ListCommand) -> List<SessionRecord> {
        var list = List(
            kind: "sessions", columns: SessionTable.columns, source: SessionTable.source,
            order: "s.updated_at DESC, s.session_id",
            after: "s.updated_at <= ?1 AND (s.updated_at < ?1 OR s.session_id > ?2)", read: SessionTable.read,
            write: { session, writer in session.write(to: &writer) },
            place: { ($0.updatedAt.milliseconds, $0.sessionID.text) })
        list.filters.append((command.isActive ?? true ? "s.is_active = 1" : "s.is_active = 0", nil))
        if let user = command.userID { list.filters.append(("s.user_id", user.text)) }
        if let agent = command.agent { list.filters.append(("s.agent_name", agent.text)) }
        return list
    }

    private func runs(_ command: ListCommand) -> List<(run: RunRecord, number: Int64)> {
        var list = List(
            kind: "runs", columns: RunTable.columns + ", number", source: "ai_agent_runs", order: "number DESC",
            after: "number < ?1",
            read: { row throws(StoreError) in (run: try RunTable.read(row), number: try row.number(32, "run's number"))
            },
            write: { row, writer in row.run.write(to: &writer, whole: false) }, place: { ($0.number, "") })
        if let user = command.userID { list.filters.append(("user_id", user.text)) }
        if let session = command.sessionID { list.filters.append(("session_id", session.text)) }
        if let agent = command.agent { list.filters.append(("agent_name", agent.text)) }
        if let status = command.status {
            list.filters.append(("status", status.rawValue))
            // Says to SQLite that the index of the runs that did not complete has them all.
            if status != .completed { list.filters.append(("status != 'completed'", nil)) }
        }
        return list
    }

    /// Reads rows until the page is full.
    private func page<Record>(
        _ list: List<Record>, _ command: ListCommand
    ) throws(StoreError) -> Result<[UInt8], AgentError> {
        var cursor = PageCursor.newest
        if let text = command.cursor {
            guard let read = PageCursor(text, kind: list.kind) else { return .failure(PageCursor.refusal) }
            cursor = read
        }
        let values = list.filters.compactMap(\.value)
        let statement = try connection.statement(sql(list))
        defer { statement.reset() }
        statement.bind(1, cursor.key)
        statement.bind(2, cursor.id)
        statement.bind(3, Int64(command.limit + 1))
        for (index, value) in values.enumerated() { statement.bind(Int32(4 + index), value) }

        var page = Page(limit: command.limit)
        var last: Record?
        while try statement.step() {
            let record = try list.read(statement)
            guard page.add({ list.write(record, &$0) }) else {
                let next = last.map(list.place).map {
                    PageCursor.text(kind: list.kind, key: $0.key, id: $0.id)
                }
                return .success(reply("items", page.writer.bytes, nextCursor: next))
            }
            last = record
        }
        return .success(reply("items", page.writer.bytes, nextCursor: nil))
    }

    private func sql<Record>(_ list: List<Record>) -> String {
        var conditions = [list.after]
        var parameter = 3
        for filter in list.filters {
            guard filter.value != nil else {
                conditions.append(filter.sql)
                continue
            }
            parameter += 1
            conditions.append("\(filter.sql) = ?\(parameter)")
        }
        return """
            SELECT \(list.columns) FROM \(list.source) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(list.order) LIMIT ?3
            """
    }

    /// The SQL that a list asks with, for those who look how it is walked.
    func listSQL(_ command: ListCommand) -> String {
        command.kind == .runs ? sql(runs(command)) : sql(sessions(command))
    }
}
