/// `detach`: read a run's events no longer; the run goes on.
public struct DetachCommand: Sendable {
    /// The run.
    public var runID: RunID
    /// The user on whose behalf the command is given.
    public var userID: UserID?

    /// A command with everything said.
    public init(runID: RunID, userID: UserID? = nil) {
        self.runID = runID
        self.userID = userID
    }

    init(_ fields: inout CommandFields) throws(AgentError) {
        let runID: RunID? = fields.identifier("run_id")
        userID = fields.identifier("user_id")
        self.runID = try fields.required("run_id", runID)
    }
}
