import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentEngine
@testable import AgentStore

@Suite struct RowShelvesTests {
    @Test func noRowidIsGivenTwice() {
        var random = SeededRandom(seed: 5)
        var shelves = RowShelves(after: 700, pageBytes: 4096)
        let rows = (0..<20_000).map { _ in shelves.place(Int.random(in: 20...12_000, using: &random)) }
        #expect(Set(rows).count == rows.count)
        #expect(rows.allSatisfy { $0 > 700 })
    }

    @Test func aRowGoesToTheShelfThatItFillsBest() {
        var shelves = RowShelves(after: 0, pageBytes: 4096)
        let first = shelves.place(2500)
        let second = shelves.place(3000)
        #expect(second > first)
        // Both have room for it, and the second has less; then only the first has.
        #expect(shelves.place(900) == second - 1)
        #expect(shelves.place(900) == first - 1)
        #expect(shelves.place(900) > second)
    }

    /// In the order in which they come, they would take a fifth more than their text.
    @Test func messagesOfSomeThousandBytesLeaveLittleOfTheFileEmpty() throws {
        var random = SeededRandom(seed: 9)
        let cellar = try Cellar()
        var written = 0
        for number in 0..<600 {
            let lengths = number % 2 == 0 ? 40...200 : 2000...8000
            let length = Int.random(in: lengths, using: &random)
            try cellar.write { batch in
                batch.addMessage(
                    "msg_\(1_000_000 + number)", session: "s1", run: "run_\(1_000_000 + number / 2)",
                    position: Int64(number), content: String(repeating: "x", count: length))
            }
            written += length
        }
        let pages = try cellar.reader.connection.prepare("PRAGMA page_count").first { $0.integer(0) ?? 0 } ?? 0
        #expect(pages * 4096 < written * 113 / 100)
        let found = try cellar.reader.connection.prepare("SELECT sum(length(content)) FROM ai_agent_messages")
            .first { $0.integer(0) ?? 0 }
        #expect(found == Int64(written))
    }

    @Test func theNextProcessBeginsBehindWhatIsThere() throws {
        let directory = try TemporaryDirectory()
        for round in 0..<3 {
            let writer = try LedgerWriter(path: directory.database)
            for number in 0..<40 {
                let batch = LedgerBatch()
                batch.addMessage("m\(round)-\(number)", session: "s1", run: "r1", position: Int64(round * 100 + number))
                try writer.commit(batch, sealed: true)
            }
        }
        let count = try Connection(path: directory.database, isReader: true)
            .prepare("SELECT count(*) FROM ai_agent_messages").first { $0.integer(0) }
        #expect(count == 120)
    }
}
