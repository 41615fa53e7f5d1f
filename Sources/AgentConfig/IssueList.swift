/// Collects what is wrong while the configuration is read, so that a person repairs it in one round and not in ten.
final class IssueList {
    private(set) var issues: [ConfigurationError.Issue] = []

    /// Notes one thing that is wrong.
    func add(_ issue: ConfigurationError.Issue) { issues.append(issue) }
}
