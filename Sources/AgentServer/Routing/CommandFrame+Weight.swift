import AgentProtocol

extension CommandFrame {
    /// What names, cursors and the way to an answer take at most, more or less.
    private static let ownBytes = 1024
    private static let valueBytes = MemoryLayout<JSONObject.Member>.stride

    /// About the memory that the command takes until it has its answer. What a line had besides is gone by then.
    var weight: Int {
        switch command {
        case .run(let run): Self.ownBytes + run.input.utf8.count + Self.weight(of: run.metadata)
        case .update(let update):
            Self.ownBytes + (update.title?.utf8.count ?? 0) + (update.summary?.utf8.count ?? 0)
                + Self.weight(of: update.metadata)
        default: Self.ownBytes
        }
    }

    private static func weight(of object: JSONObject?) -> Int {
        (object?.members ?? []).reduce(0) { $0 + $1.name.utf8.count + weight(of: $1.value) }
    }

    private static func weight(of value: JSONValue) -> Int {
        switch value {
        case .null, .bool: valueBytes
        case .number(let number): valueBytes + number.text.utf8.count
        case .string(let text): valueBytes + text.utf8.count
        case .array(let elements): elements.reduce(valueBytes) { $0 + weight(of: $1) }
        case .object(let object): valueBytes + weight(of: object)
        }
    }
}
