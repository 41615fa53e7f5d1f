import AgentProtocol

/// Reasoning that comes as a list of details, part by part, and goes back as a list of whole ones.
struct ReasoningDetails {
    /// Most bytes that are kept; of more, nothing goes back.
    private static let maxBytes = 1024 * 1024
    /// Members that come in pieces; of every other the last word counts.
    private static let growing: Set<String> = ["text", "summary", "data"]

    private var details: [JSONObject] = []
    private var bytes = 0

    /// Takes the list of one delta.
    mutating func take(_ list: UnsafeRawBufferPointer) {
        bytes += list.count
        guard bytes <= Self.maxBytes else { return details = [] }
        // What cannot be read strictly could not be sent back either.
        guard let elements = try? JSONReader.read(list).array else { return }
        for element in elements { if let detail = element.object { add(detail) } }
    }

    private mutating func add(_ detail: JSONObject) {
        guard var last = details.last, last["type"] == detail["type"], last["index"] == detail["index"],
            detail["id"] == nil || detail["id"] == .null || last["id"] == detail["id"]
        else { return details.append(detail) }
        for member in detail.members where member.value != .null {
            if Self.growing.contains(member.name), let old = last[member.name]?.string, let new = member.value.string {
                last.set(member.name, .string(old + new))
            } else {
                last.set(member.name, member.value)
            }
        }
        details[details.count - 1] = last
    }

    /// The whole details; nil when there are none.
    var value: JSONValue? { details.isEmpty ? nil : .array(details.map(JSONValue.object)) }
}
