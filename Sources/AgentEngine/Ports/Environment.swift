public import AgentProtocol

/// Clock, identifiers and deadlines: what the engine must not make itself, so that it can be rehearsed.
public protocol Environment: AnyObject {
    /// The time of day.
    func now() -> Timestamp
    /// A fresh name of at most 64 bytes; later names sort after earlier ones.
    func makeName() -> String
    /// A random number from 0 up to 1.
    func random() -> Double
    /// A deadline that calls back where the engine lives.
    func makeTimer(_ body: @escaping () -> Void) -> any EngineTimer
}

/// One deadline, armed as often as needed.
public protocol EngineTimer: AnyObject {
    /// Arms, or arms anew, to fire once.
    func arm(after delay: Duration)
    /// Disarms; nothing happens when it is not armed.
    func cancel()
}
