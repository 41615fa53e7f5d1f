import AgentProtocol

/// One line from the daemon: a reply (it has `ok`) or an event (it has `event`).
struct ClientFrame {
    /// The line as it came.
    let line: [UInt8]
    /// Its members.
    let members: JSONObject

    /// Reads a line.
    ///
    /// - Throws: `ClientFailure` when it is no JSON object: then the other side is no agentd.
    init(_ line: [UInt8]) throws(ClientFailure) {
        guard let members = (try? JSONReader.read(line))?.object else {
            throw ClientFailure("the other side does not speak agentd's protocol", ExitStatus.broken)
        }
        self.line = line
        self.members = members
    }

    /// The value of a member.
    subscript(name: String) -> JSONValue? { members[name] }

    /// The text of a member, if it is one.
    func string(_ name: String) -> String? { members[name]?.string }

    /// Whether this is a reply, and if so whether the command was taken.
    var ok: Bool? { members["ok"]?.bool }

    /// The name of the event, if this is one; also of those this client does not know.
    var event: String? { string("event") }

    /// The event, if it is one of a run's log.
    var kind: EventKind? { event.flatMap(EventKind.init(rawValue:)) }

    /// The error of a refused command or of a failed run as one sentence.
    var errorText: String {
        let error = members["error"]?.object
        let code = error?["code"]?.string ?? "internal"
        guard let message = error?["message"]?.string, !message.isEmpty else { return code }
        return "\(code): \(message)"
    }

    /// What a refused command means for a script.
    var refusal: ClientFailure {
        let error = members["error"]?.object
        let code = error?["code"]?.string ?? "internal"
        // What is in the way can be watched, or ended.
        let hint = error?["active_run_id"]?.string.map {
            " (agentd attach \($0) watches it, agentd stop \($0) ends it)"
        }
        return ClientFailure(
            errorText + (hint ?? ""), ExitStatus.of(code: code, retryable: error?["retryable"]?.bool ?? false))
    }
}
