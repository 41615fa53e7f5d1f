import AgentProtocol

extension JSONObject {
    /// A command with those of its parameters that were given; the rest is left to the daemon.
    init(command: String, _ parameters: KeyValuePairs<String, JSONValue?> = [:]) {
        self = ["cmd": .string(command)]
        add(parameters)
    }

    /// Adds those parameters that were given.
    mutating func add(_ parameters: KeyValuePairs<String, JSONValue?>) {
        for (name, value) in parameters { if let value { append(name, value) } }
    }

    /// The object as one line of JSON, with its line end.
    var line: [UInt8] {
        var writer = JSONWriter()
        writer.value(.object(self))
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
