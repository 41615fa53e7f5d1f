import AgentEngine
import AgentProtocol

/// A tool call while its pieces come in.
struct ToolCallDraft {
    /// Most bytes of a call's arguments; more make it a call that cannot be read.
    static let maxArgumentBytes = 256 * 1024
    /// Most bytes of unreadable arguments that are told.
    static let maxRawBytes = 32 * 1024

    /// The provider's name for the call; empty until it comes.
    var id = ""
    /// The tool's name; empty until it comes.
    var name = ""
    /// The provider's number of the call, where it gives one.
    var index: Int64?
    /// What stands beside the call and must go back with it, as JSON.
    var extra: [UInt8]?
    /// Whether the provider may still add to it.
    var isOpen = true
    /// The arguments, as far as they have come.
    private(set) var arguments: [UInt8] = []
    private var unescaper = JSONCursor.Unescaper()
    private var isTooLarge = false

    /// Takes a piece of the arguments' text.
    mutating func append(_ piece: JSONCursor.Slice) {
        guard hasRoom(for: piece.bytes.count) else { return }
        unescaper.append(piece, to: &arguments)
    }

    /// Takes arguments that came as an object instead of as a text.
    mutating func take(object: UnsafeRawBufferPointer) {
        guard hasRoom(for: object.count) else { return }
        arguments.append(contentsOf: object)
    }

    private mutating func hasRoom(for count: Int) -> Bool {
        if arguments.count + count > Self.maxArgumentBytes { isTooLarge = true }
        return !isTooLarge
    }

    /// Whether the arguments so far are one whole object.
    ///
    /// Asked for each piece by servers that repeat themselves: only what ends like an object is read.
    var isWholeObject: Bool {
        arguments.last { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 } == UInt8(ascii: "}")
            && readArguments() != nil
    }

    private func readArguments() -> JSONObject? {
        guard !isTooLarge else { return nil }
        do throws(JSONError) { return try JSONReader.read(arguments).object } catch { return nil }
    }

    /// The call, with a name that is valid here. What is no whole object is told as it was written and never acted on;
    /// no arguments at all are an empty object.
    mutating func call(id: ToolCallID) -> ToolCall {
        unescaper.end(&arguments)
        let isBlank = arguments.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        let read = isBlank && !isTooLarge ? JSONObject() : readArguments()
        var call = ToolCall(id: id, name: toolName, arguments: isOpen ? nil : read)
        if call.arguments == nil { call.rawArguments = rawArguments }
        return call
    }

    /// The tool's name as it is told: bounded, and never empty.
    private var toolName: String { name.isEmpty ? "unnamed" : ClippedText(name, limit: Limits.idBytes).text }

    private var rawArguments: String {
        ClippedText(String(decoding: arguments.prefix(Self.maxRawBytes), as: UTF8.self), limit: Self.maxRawBytes).text
    }
}

extension ToolCallDraft {
    /// Names for the calls of one answer: the provider's where they are valid and differ, else made from the step and
    /// the call's place.
    static func names(for drafts: [ToolCallDraft], step: Int) -> [ToolCallID] {
        var taken: Set<String> = []
        return drafts.enumerated().map { place, draft in
            if let id = ToolCallID(draft.id), taken.insert(draft.id).inserted { return id }
            var name = "call_\(step)_\(place + 1)"
            while !taken.insert(name).inserted { name += "_" }
            return ToolCallID(trusted: name)
        }
    }
}
