import AgentEngine
import AgentProtocol
import Glibc

@testable import AgentStore

/// A small ledger to page through, in a file that is in no directory any more.
///
/// `@unchecked Sendable` is safe: libFuzzer has one thread, and the tests replay one target after the other.
final class CursorLedger: @unchecked Sendable {
    /// The lists that have cursors, by the word in them.
    enum Kind: String, CaseIterable {
        case sessions, runs
        case ascending = "history-asc"
        case descending = "history-desc"
    }

    /// Rows of each list.
    static let rows = 10
    private static let pageRows = 3
    private static let session = SessionID(trusted: "s4")

    private let writer: LedgerWriter
    private let reader: LedgerReader

    init() {
        var template = Array("/tmp/agentd-fuzz-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp") }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let path = "\(directory)/ledger"
        do throws(StoreError) {
            writer = try LedgerWriter(path: path)
            for row in 0..<Self.rows { try writer.connection.execute(Self.sql(row)) }
            reader = try LedgerReader(path: path)
        } catch { preconditionFailure("no ledger: \(error)") }
        // SQLite has opened what it needs once it has read.
        _ = page(of: .sessions, nil)
        for file in [path, path + "-wal", path + "-shm"] { unlink(file) }
        rmdir(directory)
    }

    /// Two rows each have the same time, so that a session's name decides; a question and its answer have positions side by side.
    private static func time(_ row: Int) -> Int64 { Int64(row / 2 + 1) }

    private static func sql(_ row: Int) -> String {
        """
        INSERT INTO ai_agent_sessions (session_id, agent_name, created_at, updated_at)
            VALUES ('s\(row)', 'a', \(time(row)), \(time(row)));
        INSERT INTO ai_agent_runs (run_id, session_id, agent_name, created_at, status, request)
            VALUES ('r\(row)', 's4', 'a', \(time(row)), 'completed', '{}');
        INSERT INTO ai_agent_messages (message_id, session_id, run_id, step, position, role, content, created_at)
            VALUES ('m\(row)', 's4', 'r\(row)', 1, \(row + 1), 'user', 'hi', 1);
        """
    }

    /// A page as a client sees it; nil when the cursor is refused.
    func page(of kind: Kind, _ cursor: String?) -> (names: [String], next: String?)? {
        let query: ReadQuery =
            switch kind {
            case .sessions: .list(ListCommand(kind: .sessions, limit: Self.pageRows, cursor: cursor))
            case .runs: .list(ListCommand(kind: .runs, limit: Self.pageRows, cursor: cursor))
            case .ascending, .descending:
                .history(
                    HistoryCommand(
                        sessionID: Self.session, limit: Self.pageRows, cursor: cursor, ascending: kind == .ascending),
                    live: nil)
            }
        guard case .success(let members) = reader.snapshot({ reader throws(StoreError) in try reader.read(query) })
        else { return nil }
        do throws(JSONError) {
            let reply = try JSONReader.read([UInt8(ascii: "{")] + members + [UInt8(ascii: "}")]).object
            let records = (reply?["items"] ?? reply?["messages"])?.array ?? []
            let names = records.compactMap { $0.object.flatMap { name(in: $0, kind) } }
            return (kind == .descending ? names.reversed() : names, reply?["next_cursor"]?.string)
        } catch { preconditionFailure("a page is JSON: \(error)") }
    }

    private func name(in record: JSONObject, _ kind: Kind) -> String? {
        switch kind {
        case .sessions: record["session_id"]?.string
        case .runs: record["run_id"]?.string
        case .ascending, .descending: record["message_id"]?.string
        }
    }

    /// The names behind a place, in the order of the list; nil where the place is in another list.
    func names(of kind: Kind, after place: PageCursor) -> [String]? {
        let rows = 0..<Self.rows
        switch kind {
        case .sessions:
            return rows.sorted { (Self.time($1), $0) < (Self.time($0), $1) }
                .filter { row in
                    let isBehind = place.id.utf8.lexicographicallyPrecedes("s\(row)".utf8)
                    return Self.time(row) < place.key || (Self.time(row) == place.key && isBehind)
                }.map { "s\($0)" }
        // Numbered in the order in which they were written.
        case .runs: return rows.reversed().filter { $0 + 1 < place.key }.map { "r\($0)" }
        case .ascending where place.id == Self.session.text:
            return rows.filter { $0 + 1 > place.key }.map { "m\($0)" }
        case .descending where place.id == Self.session.text:
            return rows.reversed().filter { $0 + 1 < place.key }.map { "m\($0)" }
        case .ascending, .descending: return nil
        }
    }
}
