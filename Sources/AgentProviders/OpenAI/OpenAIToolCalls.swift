import AgentEngine
import AgentProtocol

/// Puts the tool calls of one answer together from their pieces.
///
/// Servers disagree on how a piece names its call. A name (`id`) that is not empty decides; then the number (`index`);
/// a piece with neither goes to the call before it, unless it plainly begins another. Tool names are set once and never
/// appended, because some servers repeat them in every piece.
struct OpenAIToolCalls {
    /// Most calls of one answer: one more than a step may make, so that the engine sees that it were too many.
    private static let maxCalls = 129

    private var drafts: [ToolCallDraft] = []
    /// A call in the form that came before tool calls; some servers send both, and then it is the same call.
    private var legacy: ToolCallDraft?

    /// Whether there is any call.
    var isEmpty: Bool { drafts.isEmpty && legacy == nil }

    /// Takes the value of `tool_calls`.
    mutating func take(list: UnsafeRawBufferPointer) throws(JSONError) {
        var cursor = JSONCursor(list)
        guard try cursor.enterArray() else { return }
        while try cursor.nextElement() {
            let piece = try Piece(&cursor)
            guard let place = place(for: piece) else { continue }
            if drafts[place].id.isEmpty { drafts[place].id = piece.id }
            if drafts[place].index == nil { drafts[place].index = piece.index }
            piece.add(to: &drafts[place])
        }
    }

    /// Takes the value of `function_call`.
    mutating func take(legacy function: UnsafeRawBufferPointer) throws(JSONError) {
        var cursor = JSONCursor(function)
        var piece = Piece()
        try piece.readFunction(&cursor)
        var draft = legacy ?? ToolCallDraft()
        piece.add(to: &draft)
        legacy = draft
    }

    /// The calls, now that the answer is whole.
    mutating func calls(step: Int) -> [ToolCall] {
        close()
        let names = ToolCallDraft.names(for: drafts, step: step)
        return drafts.indices.map { drafts[$0].call(id: names[$0]) }
    }

    /// What stands beside the calls and must go back with them, as JSON, by the calls' names.
    func extras(step: Int) -> [(id: ToolCallID, extra: [UInt8])] {
        zip(ToolCallDraft.names(for: drafts, step: step), drafts).compactMap { name, draft in
            draft.extra.map { (name, $0) }
        }
    }

    private mutating func close() {
        if drafts.isEmpty, let legacy { drafts = [legacy] }
        for place in drafts.indices { drafts[place].isOpen = false }
    }

    /// Where the call of a piece is; a new one is made where it has none. Nil when there are too many.
    private mutating func place(for piece: Piece) -> Int? {
        if let place = known(piece) { return place }
        guard drafts.count < Self.maxCalls else { return nil }
        drafts.append(ToolCallDraft())
        return drafts.count - 1
    }

    private func known(_ piece: Piece) -> Int? {
        if !piece.id.isEmpty {
            // Some servers give the same name to several calls: their numbers tell them apart.
            let named = drafts.lastIndex { draft in
                draft.id == piece.id && (piece.index == nil || draft.index == nil || draft.index == piece.index)
            }
            if let named { return named }
            // The name may come later than the number.
            guard let index = piece.index else { return nil }
            return drafts.lastIndex { $0.index == index && $0.id.isEmpty }
        }
        let place: Int
        if let index = piece.index {
            guard let numbered = drafts.lastIndex(where: { $0.index == index }) else { return nil }
            place = numbered
        } else {
            guard !drafts.isEmpty else { return nil }
            place = drafts.count - 1
        }
        // A whole call cannot be added to: a piece that brings a tool's name and arguments is the next one.
        let isNext = piece.name != nil && piece.hasArguments && drafts[place].isWholeObject
        return isNext ? nil : place
    }

    /// One piece of one call.
    private struct Piece {
        var id = ""
        var index: Int64?
        var name: JSONCursor.Slice?
        var text: JSONCursor.Slice?
        var object: UnsafeRawBufferPointer?
        var extra: UnsafeRawBufferPointer?

        /// Names longer than this are no names.
        private static let maxIDBytes = 1024

        init() {}

        init(_ cursor: inout JSONCursor) throws(JSONError) {
            guard try cursor.enterObject() else { return }
            while try cursor.nextMember() {
                if cursor.isKey("id") {
                    if let id = try cursor.string(), id.bytes.count <= Self.maxIDBytes { self.id = id.string }
                } else if cursor.isKey("index") {
                    index = try cursor.integer()
                } else if cursor.isKey("function") {
                    try readFunction(&cursor)
                } else if cursor.isKey("extra_content") {
                    if cursor.kind == .object { extra = try cursor.raw() }
                }
            }
        }

        mutating func readFunction(_ cursor: inout JSONCursor) throws(JSONError) {
            guard try cursor.enterObject() else { return }
            while try cursor.nextMember() {
                if cursor.isKey("name") {
                    name = try cursor.string().flatMap { $0.isEmpty ? nil : $0 }
                } else if cursor.isKey("arguments") {
                    text = try cursor.string()
                    if text == nil, cursor.kind == .object { object = try cursor.raw() }
                }
            }
        }

        var hasArguments: Bool { object != nil || text?.isEmpty == false }

        func add(to draft: inout ToolCallDraft) {
            if draft.name.isEmpty, let name, name.bytes.count <= Self.maxIDBytes { draft.name = name.string }
            if let text { draft.append(text) }
            if let object { draft.take(object: object) }
            if let extra, extra.count <= ToolCallDraft.maxRawBytes { draft.extra = Array(extra) }
        }
    }
}
