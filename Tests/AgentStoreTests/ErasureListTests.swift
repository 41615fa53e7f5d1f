import AgentEngine
import AgentProtocol
import AgentTestKit
import Testing

@testable import AgentStore

/// What is to be erased is found by an index, oldest first.
@Suite struct ErasureListTests {
    private let cellar: Cellar

    init() throws {
        cellar = try Cellar()
        try cellar.write { batch in
            for number in 1...9 {
                batch.addSession(
                    "s\(number)", user: "u\(number % 2)", updatedAt: Int64(number), isActive: number % 3 != 0)
            }
            batch.addRun("r1", session: "s1")
            batch.addRun("r2", session: "s2", status: .queued)
            batch.addRun("r4", session: "s4", status: .completed)
        }
    }

    private func names(_ selection: SessionSelection, limit: Int = 3) throws -> [String] {
        try cellar.reader.sessions(selection, limit: limit).map(\.text)
    }

    @Test func theOldestWithoutAnOpenRunComeFirst() throws {
        let time = Timestamp(milliseconds: 8)
        #expect(try names(.idle(since: time)) == ["s3", "s4", "s5"])
        #expect(try names(.idle(since: time), limit: 10) == ["s3", "s4", "s5", "s6", "s7"])
        #expect(try names(.idle(since: Timestamp(milliseconds: 3))) == [])
    }

    @Test func theOldestGoWhereThereIsTooMuch() throws {
        #expect(try names(.idlest(beyondBytes: 1)) == ["s3", "s4", "s5"])
        #expect(try names(.idlest(beyondBytes: 1 << 30)) == [])
    }

    @Test func aUsersAreFound() throws {
        #expect(Set(try names(.user(UserID(trusted: "u1")), limit: 10)) == ["s1", "s3", "s5", "s7", "s9"])
    }
}
