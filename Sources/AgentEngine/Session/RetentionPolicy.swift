/// How long conversations are kept, and how many; without a limit they are kept for ever.
public struct RetentionPolicy: Sendable {
    /// How long after it last changed.
    public var age: Duration?
    /// How much the ledger may hold, in bytes; beyond it the conversations that have not changed for longest go.
    public var bytes: Int64?

    /// A policy with everything said.
    public init(age: Duration?, bytes: Int64?) {
        self.age = age
        self.bytes = bytes
    }
}
