internal import AgentEngine
internal import AgentProtocol

/// Pages: walked by key, never by offset, so that every page costs the same and none skips a row. A page of a history.
extension LedgerReader {
    /// What a page may weigh, below what a line may: the rest of the reply needs room too.
    private static let pageBytes = Limits.replyBytes - 64 * 1024

    /// Collects records until the page is full by count or by weight; says whether more are there.
    struct Page {
        var writer = JSONWriter(capacity: 4096)
        var count = 0
        let limit: Int

        /// Takes a record; false when the page has no room for it. The first always fits: a record is far smaller.
        mutating func add(_ write: (inout JSONWriter) -> Void) -> Bool {
            let mark = writer.bytes.count
            guard count < limit else { return false }
            write(&writer)
            guard count == 0 || writer.bytes.count <= LedgerReader.pageBytes else {
                writer.bytes.removeSubrange(mark...)
                return false
            }
            count += 1
            return true
        }
    }

    /// The members of a reply that is a page.
    func reply(_ name: StaticString, _ items: [UInt8], nextCursor: String?) -> [UInt8] {
        var writer = JSONWriter(capacity: items.count + 64)
        writer.key(name)
        writer.bytes.append(UInt8(ascii: "["))
        writer.bytes.append(contentsOf: items)
        writer.bytes.append(UInt8(ascii: "]"))
        writer.member("next_cursor", nextCursor)
        return writer.bytes
    }

    func history(_ command: HistoryCommand, _ live: LiveAnswer?) throws(StoreError) -> Result<[UInt8], AgentError> {
        guard let session = try visibleSession(command.sessionID, command.userID) else {
            return .failure(Self.noSession(command.sessionID))
        }
        let kind = command.ascending ? "history-asc" : "history-desc"
        var cursor: PageCursor?
        if let text = command.cursor {
            guard let read = PageCursor(text, kind: kind), read.id == command.sessionID.text else {
                return .failure(PageCursor.refusal)
            }
            cursor = read
        }
        var messages = try messages(command, after: cursor?.key)
        if let live, session.activeRunID == live.head.runID {
            insert(live.message, into: &messages, ascending: command.ascending, after: cursor?.key)
        }
        var page = Page(limit: command.limit)
        var shown: [Range<Int>] = []
        var next: Message?
        var lastShown: Message?
        for message in messages {
            let start = page.writer.bytes.count
            guard page.add({ message.write(to: &$0) }) else {
                next = lastShown
                break
            }
            shown.append(start..<page.writer.bytes.count)
            lastShown = message
        }
        let nextCursor = next.map { PageCursor.text(kind: kind, key: $0.position, id: command.sessionID.text) }
        let items = command.ascending ? page.writer.bytes : reversed(page.writer.bytes, shown)
        var writer = JSONWriter(capacity: items.count + 512)
        writer.key("session")
        session.write(to: &writer)
        writer.raw(reply("messages", items, nextCursor: nextCursor))
        return .success(writer.bytes)
    }

    /// Puts the live message where its row is going to be. It has none yet, and it is not always the newest of all: a call
    /// that was answered at once has its row before the text that came with it.
    private func insert(
        _ live: Message, into messages: inout [Message], ascending: Bool, after position: Int64?
    ) {
        func isLater(_ message: Int64, than other: Int64) -> Bool { ascending ? message > other : message < other }
        guard !messages.contains(where: { $0.messageID == live.messageID }),
            position.map({ isLater(live.position, than: $0) }) ?? true
        else { return }
        let place = messages.firstIndex { isLater($0.position, than: live.position) } ?? messages.endIndex
        messages.insert(live, at: place)
    }

    /// One message more than the page may hold, so that it is known whether there is another page.
    private func messages(_ command: HistoryCommand, after position: Int64?) throws(StoreError) -> [Message] {
        let statement: Statement
        if command.ascending {
            statement = try connection.statement(
                """
                SELECT \(MessageTable.columns) FROM ai_agent_messages
                WHERE session_id = ?1 AND position > ?2 ORDER BY position LIMIT ?3
                """)
        } else {
            statement = try connection.statement(
                """
                SELECT \(MessageTable.columns) FROM ai_agent_messages
                WHERE session_id = ?1 AND position < ?2 ORDER BY position DESC LIMIT ?3
                """)
        }
        statement.bind(1, command.sessionID.text)
        statement.bind(2, position ?? (command.ascending ? 0 : Int64.max))
        statement.bind(3, Int64(command.limit + 1))
        return try statement.rows(MessageTable.read)
    }

    /// A page that was walked backwards, oldest record first.
    private func reversed(_ bytes: [UInt8], _ records: [Range<Int>]) -> [UInt8] {
        var writer = JSONWriter(capacity: bytes.count + 1)
        for range in records.reversed() {
            let record = bytes[range]
            writer.raw(record.first == UInt8(ascii: ",") ? record.dropFirst() : record)
        }
        return writer.bytes
    }
}
