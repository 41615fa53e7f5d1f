/// Why a test cannot go on, in one sentence.
public struct TestFailure: Error, CustomStringConvertible, Sendable {
    /// What went wrong.
    public let description: String

    /// A failure in these words.
    public init(_ description: String) { self.description = description }
}
