/// What has been found to break a promise, in the order in which it was found.
///
/// Findings are collected instead of trapping, so that a seeded run can name its seed.
public final class Violations {
    /// The findings, as sentences.
    public private(set) var found: [String] = []

    /// Nothing found yet.
    public init() {}

    /// Notes a finding unless a promise holds.
    public func expect(_ holds: Bool, _ finding: @autoclosure () -> String) {
        if !holds { found.append(finding()) }
    }
}
