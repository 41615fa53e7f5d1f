/// The JSON Schema of the protocol, as the daemon and its command line hand it out.
public enum Schema {
    /// What can be asked about: `frame` for any line, `command`, `reply` and `event` for one shape, and the name of each
    /// command (with its replies) and of each event.
    public static let topics = SchemaTable.topics.map(\.name)

    /// The schema of a topic, a JSON Schema 2020-12 document that needs no other file; nil for another topic.
    public static func document(of topic: String) -> [UInt8]? {
        guard let roots = SchemaTable.topics.first(where: { $0.name == topic })?.definitions else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("$schema", "https://json-schema.org/draft/2020-12/schema")
        writer.member("title", topic)
        writer.key("oneOf")
        writer.beginArray()
        for root in roots {
            writer.beginObject()
            writer.member("$ref", "#/$defs/\(root)")
            writer.endObject()
        }
        writer.endArray()
        writer.key("$defs")
        writer.beginObject()
        let needed = definitions(neededBy: roots)
        for definition in SchemaTable.definitions where needed.contains(definition.name) {
            writer.key(definition.name)
            writer.raw(definition.json.utf8)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// Some definitions and all that they refer to, directly or not.
    private static func definitions(neededBy roots: [String]) -> Set<String> {
        var needed: Set<String> = []
        var open = roots
        while let name = open.popLast() {
            guard needed.insert(name).inserted else { continue }
            open += SchemaTable.definitions.first { $0.name == name }?.needs ?? []
        }
        return needed
    }
}
