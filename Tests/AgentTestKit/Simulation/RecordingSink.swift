public import AgentEngine
import AgentProtocol

/// A stream that keeps what it is told.
public final class RecordingSink: EventSink {
    /// Whether only the pause and the terminal event are wanted.
    public let wantsFinalOnly: Bool
    /// What was told, in order.
    public private(set) var events: [RecordedEvent] = []
    /// Whether the client reads; what has been is not read out to one that does not.
    public var hasRoom = true
    /// Why the stream broke off before its run had ended.
    public private(set) var breach: String?
    /// Called with each event, after it has been kept, and with its payload's bytes.
    var observer: ((RecordedEvent, UnsafeRawBufferPointer) -> Void)?
    /// A closed stream keeps nothing more.
    var isClosed = false

    /// A stream of everything, or of the end only.
    public init(wantsFinalOnly: Bool = false) { self.wantsFinalOnly = wantsFinalOnly }

    /// Reads on when the test says so.
    public func fellBehind() {}

    /// Takes the word that nothing more comes.
    public func broke(_ reason: String) { breach = reason }

    /// Takes one event.
    public func deliver(_ event: borrowing CommittedEvent) {
        guard !isClosed else { return }
        let members = (try? JSONReader.read(event.payload))?.object
        let content = event.content.map(JSONEscaping.unescape)
        let recorded = RecordedEvent(
            runID: event.runID, sessionID: event.sessionID, kind: event.kind, seq: event.seq, ts: event.ts,
            payload: members ?? [:], content: content)
        events.append(recorded)
        observer?(recorded, event.payload)
    }
}
