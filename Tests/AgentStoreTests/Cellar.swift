import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentEngine
@testable import AgentStore

/// A ledger's two ends, writer and reader, on the test's own thread.
final class Cellar {
    private let directory: TemporaryDirectory
    let writer: LedgerWriter
    let reader: LedgerReader
    private var deltas: Int64 = 0

    init() throws {
        directory = try TemporaryDirectory()
        writer = try LedgerWriter(path: directory.database)
        reader = try LedgerReader(path: directory.database)
    }

    func write(_ fill: (LedgerBatch) -> Void) throws {
        let batch = LedgerBatch()
        batch.earlierDeltas = deltas
        fill(batch)
        deltas += batch.deltas
        try writer.commit(batch, sealed: false)
    }

    /// Changes rows behind the ledger's back.
    func tamper(_ sql: String) throws { try writer.connection.execute(sql) }

    /// The reply's members, as a client reads them.
    func ask(_ query: ReadQuery) throws -> JSONObject {
        let result = reader.snapshot { reader throws(StoreError) in try reader.read(query) }
        let bytes = Array("{".utf8) + (try result.get()) + Array("}".utf8)
        return try #require(try JSONReader.read(bytes).object)
    }

    /// The error of a question that must be refused.
    func refusal(_ query: ReadQuery) throws -> AgentError {
        switch reader.snapshot({ reader throws(StoreError) in try reader.read(query) }) {
        case .success: throw Unexpected()
        case .failure(let error): return error
        }
    }

    struct Unexpected: Error {}

    func list(_ command: ListCommand) throws -> (items: [JSONObject], next: String?) {
        let reply = try ask(.list(command))
        return (try #require(reply["items"]?.array).compactMap(\.object), reply["next_cursor"]?.string)
    }

    func history(
        _ command: HistoryCommand, live: LiveAnswer? = nil
    ) throws -> (messages: [JSONObject], next: String?) {
        let reply = try ask(.history(command, live: live))
        return (try #require(reply["messages"]?.array).compactMap(\.object), reply["next_cursor"]?.string)
    }

    /// Every page of a history, each as the names of its messages.
    func pages(_ session: String, limit: Int, ascending: Bool, live: LiveAnswer? = nil) throws -> [[String]] {
        var pages: [[String]] = []
        var command = HistoryCommand(sessionID: SessionID(trusted: session), limit: limit, ascending: ascending)
        repeat {
            let page = try history(command, live: live)
            pages.append(page.messages.texts("message_id"))
            command.cursor = page.next
        } while command.cursor != nil && pages.count < 1_000
        return pages
    }
}

extension [JSONObject] {
    /// One member of each record.
    func texts(_ name: String) -> [String] { compactMap { $0[name]?.string } }
}
