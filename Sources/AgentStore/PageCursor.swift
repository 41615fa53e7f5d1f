import AgentProtocol

/// The place where a page ended: the sort key of its last row. Clients hand it back as it is.
struct PageCursor {
    let key: Int64
    let id: String

    /// Before the first row of a list that goes from the newest back.
    static let newest = PageCursor(key: .max, id: "")

    private init(key: Int64, id: String) {
        self.key = key
        self.id = id
    }

    /// Reads a cursor back; `kind` keeps one list's cursor out of another.
    init?(_ text: String, kind: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == kind, let key = Int64(parts[1]), key >= 0 else { return nil }
        self.key = key
        id = String(parts[2])
    }

    static func text(kind: String, key: Int64, id: String) -> String { "\(kind)/\(key)/\(id)" }

    static let refusal = AgentError.invalid("cursor", "is not one that this list has given")
}
