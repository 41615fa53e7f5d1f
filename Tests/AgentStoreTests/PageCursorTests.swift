import Testing

@testable import AgentStore

@Suite struct PageCursorTests {
    @Test func readsWhatItWrote() throws {
        let cursor = try #require(PageCursor(PageCursor.text(kind: "runs", key: 42, id: "r:1.2-3_4"), kind: "runs"))
        #expect(cursor.key == 42)
        #expect(cursor.id == "r:1.2-3_4")
    }

    @Test func refusesAnotherListsCursor() {
        #expect(PageCursor(PageCursor.text(kind: "runs", key: 1, id: "x"), kind: "sessions") == nil)
    }
}
