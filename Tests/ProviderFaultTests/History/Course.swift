import AgentTestKit

/// What becomes of one turn of a conversation.
enum Course: CaseIterable, Sendable {
    case answered, calling, callingTwice, sameNameTwice, oddName, brokenArguments, wordless, blank, cut, cutInCall,
        refused
    case stoppedBefore, stoppedInText, stoppedInFollowUp

    /// Whether the provider falls silent, and the run is stopped.
    var isStopped: Bool {
        switch self {
        case .stoppedBefore, .stoppedInText, .stoppedInFollowUp: true
        default: false
        }
    }

    /// Answers a request; what is silent waits for the client's end.
    func serve(_ connection: ServerConnection, _ format: WireFormat, isFollowUp: Bool, reached: Signal) {
        let text = ModelStream(format, text: FaultyProvider.lastWord)
        if isFollowUp {
            if self == .stoppedInFollowUp { return silence(connection, reached) }
            return FaultyProvider.answer(connection, text)
        }
        switch self {
        case .answered: FaultyProvider.answer(connection, text)
        case .calling, .stoppedInFollowUp: FaultyProvider.answer(connection, calls(format, ["c1"]))
        case .callingTwice: FaultyProvider.answer(connection, calls(format, ["c1", "c2"], said: "Two: "))
        case .sameNameTwice: FaultyProvider.answer(connection, calls(format, ["c1", "c1"]))
        case .oddName:
            FaultyProvider.answer(connection, calls(format, ["a name: with blanks", nil], tool: "my tool.v2/größe"))
        case .brokenArguments:
            FaultyProvider.answer(
                connection, ModelStream(format, calls: [.init(id: "c1", tool: "lookup", pieces: ["{\"a\":"])]))
        case .wordless: FaultyProvider.answer(connection, ModelStream(format))
        case .blank: FaultyProvider.answer(connection, ModelStream(format, text: " \n "))
        case .cut: begin(connection, text, .midText).finish()
        case .cutInCall: begin(connection, calls(format, ["c1"]), .midArguments).finish()
        case .refused:
            connection.sendWhole(
                status: "400 Bad Request", headers: "content-type: application/json\r\n",
                format.errorBody("invalid_request_error", "no"))
        case .stoppedBefore: silence(connection, reached)
        case .stoppedInText: silence(begin(connection, text, .midText), reached)
        }
    }

    private func calls(
        _ format: WireFormat, _ names: [String?], said: String? = nil, tool: String = "lookup"
    ) -> ModelStream {
        ModelStream(
            format, first: said, calls: names.map { .init(id: $0, tool: tool, pieces: [#"{"a":"#, "1}"]) })
    }

    private func begin(
        _ connection: ServerConnection, _ stream: ModelStream, _ position: FaultPosition
    ) -> ServerConnection {
        connection.sendStreamHead()
        connection.sendChunk(stream.events(upTo: position).flatMap { $0 })
        return connection
    }

    private func silence(_ connection: ServerConnection, _ reached: Signal) {
        reached.set()
        connection.waitForClose()
    }
}
