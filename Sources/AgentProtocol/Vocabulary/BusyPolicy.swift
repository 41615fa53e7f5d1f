/// What a run may do when its session has a live one.
public enum BusyPolicy: String, Sendable, CaseIterable {
    /// Be refused.
    case reject
    /// Wait in the session's line.
    case queue
    /// End the live one, and go in front of the line.
    case replace
}
