/// A call of the operating system that failed where the loop needs it to work.
public struct LoopError: Error, CustomStringConvertible, Sendable {
    /// The call.
    public let operation: String
    /// Its errno.
    public let code: Int32

    /// What failed, with the number that errno(3) explains.
    public var description: String { "\(operation) failed with errno \(code)" }
}
