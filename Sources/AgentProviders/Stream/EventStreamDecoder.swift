import AgentProtocol

/// Folds the events of one wire format into what the model says.
protocol EventReader {
    /// Takes one event; true when it was the last word.
    mutating func take(_ event: SSEEvent, _ output: (StreamOutput) -> Void) -> Bool

    /// The stream ended before the last word; `wasCut` when it ended inside an event. Says the last word.
    mutating func end(wasCut: Bool, _ output: (StreamOutput) -> Void)

    /// Whether the answer would count as whole if nothing more came.
    var isWhole: Bool { get }
}

/// Decodes a stream of server-sent events in one wire format, and keeps its promise: one last word, nothing after it.
struct EventStreamDecoder<Reader: EventReader>: StreamDecoder {
    private var events: SSEDecoder
    private var reader: Reader
    private(set) var isOver = false

    init(reader: Reader, events: SSEDecoder = SSEDecoder()) {
        self.reader = reader
        self.events = events
    }

    var isWhole: Bool { isOver || reader.isWhole }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, _ output: (StreamOutput) -> Void) {
        guard !isOver else { return }
        do throws(SSEDecoder.TooLarge) {
            try Self.receive(bytes, &events, &reader, &isOver, output)
        } catch {
            isOver = true
            output(.failed(FailureClassifier.classify(transport: .tooLarge).error))
        }
    }

    /// The parts are handed over one by one, because the events are read while the reader changes.
    private static func receive(
        _ bytes: UnsafeRawBufferPointer, _ events: inout SSEDecoder, _ reader: inout Reader, _ isOver: inout Bool,
        _ output: (StreamOutput) -> Void
    ) throws(SSEDecoder.TooLarge) {
        try events.receive(bytes) { event in
            if !isOver { isOver = reader.take(event, output) }
        }
    }

    mutating func end(_ output: (StreamOutput) -> Void) {
        guard !isOver else { return }
        isOver = true
        reader.end(wasCut: events.end(), output)
    }
}
