/// Collects what is found while the configuration is read: what is wrong, so that a person repairs it in one round and
/// not in ten, and which settings stand where.
final class IssueList {
    private(set) var issues: [ConfigurationError.Issue] = []
    /// Where each setting is that was read, by the tables that lead to it and its key.
    private(set) var places: [[String]: SourcePlace] = [:]
    /// The keys that each table may have, whether they are there or not; what is published about them is held against
    /// it.
    private(set) var grammar: [[String]: [String]] = [:]

    /// Notes one thing that is wrong.
    func add(_ issue: ConfigurationError.Issue) { issues.append(issue) }

    /// Notes where a setting was found.
    func note(_ setting: [String], at place: SourcePlace) { places[setting] = place }

    /// Notes what a table may hold.
    func note(_ table: [String], mayHold keys: [String]) { grammar[table] = keys }
}
