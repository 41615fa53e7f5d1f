/// Why a text is not the JSON that we accept.
public struct JSONError: Error, Equatable, Sendable {
    /// What is wrong, in a few words.
    public let reason: String
    /// The byte, counted from 0, at which it was noticed.
    public let offset: Int

    /// An error with everything said.
    public init(reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
