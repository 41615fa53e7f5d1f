/// How long conversations are kept, and how much of them; without a limit they are kept for ever.
public struct RetentionPolicy: Sendable {
    /// How long after their last run.
    public var age: Duration?
    /// How much the ledger may hold, in bytes; beyond it those go whose last run is oldest.
    public var bytes: Int64?

    /// A policy with everything said.
    public init(age: Duration?, bytes: Int64?) {
        self.age = age
        self.bytes = bytes
    }
}
