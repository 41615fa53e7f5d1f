import AgentProtocol

/// What a reply does to a connection's stream of a run when it leaves: another one takes its place, or none.
struct StreamOpening {
    let runID: RunID
    let stream: EventStream?
}
