import AgentConfig
import AgentLoop

/// How the last reload of the configuration went.
@LoopActor final class ReloadRecord {
    /// Why it failed, after the time when it did; nil when it did not.
    private(set) var failure: String?

    /// It went well.
    func succeeded() { failure = nil }

    /// It failed, and what was configured before stays.
    func failed(_ error: any Error) {
        var text = "\(error)"
        if let issues = (error as? ConfigurationError)?.issues, let first = issues.first {
            text = "\(first)" + (issues.count > 1 ? " and \(issues.count - 1) more" : "")
        }
        failure = "\(LogClock.now()) \(text)"
    }
}
