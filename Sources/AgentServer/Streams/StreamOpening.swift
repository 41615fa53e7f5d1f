import AgentLoop
import AgentProtocol

/// What a reply does to a connection's stream of a run when it leaves: another one takes its place, or none.
struct StreamOpening {
    let runID: RunID
    let stream: EventStream?

    init(runID: RunID, stream: EventStream?) {
        self.runID = runID
        self.stream = stream
    }

    /// A stream takes the place of the one before it; nil when its run is not known.
    @LoopActor init?(_ stream: EventStream) {
        guard let run = stream.runID else { return nil }
        self.init(runID: run, stream: stream)
    }
}
