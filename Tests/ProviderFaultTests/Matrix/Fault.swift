import AgentProviders
import AgentTestKit

/// One way in which a provider fails, or a client's day is spoiled.
struct Fault: Sendable {
    /// What the test does once the place of the fault is reached.
    enum Stop: Sendable { case never, atPlace, atRetry }

    /// For people.
    var name: String
    /// What happens at the place of the fault.
    var inject: @Sendable (FaultyProvider.Scene) -> FaultyProvider.Aftermath
    /// What happens to a connection before anything is read of it.
    var greet: @Sendable (ServerConnection) -> Void = { _ in }
    /// Where the provider is said to be, if not at its server.
    var address: (@Sendable (ProviderServer) -> String)?
    /// Deadlines of the endpoint.
    var tune: @Sendable (inout ProviderEndpoint) -> Void = { _ in }
    /// The run's own time.
    var timeLimit = Duration.seconds(20)
    /// The answer, if not the usual one.
    var stream: (@Sendable (WireFormat) -> ModelStream)?
    var stop = Stop.never
    /// Whether the provider keeps the connection open, so that its end is our doing.
    var staysOpen = false
    /// Whether it troubles everybody on the loop, so that nothing else may run meanwhile.
    var isAlone = false
    /// What the first step says when the run completes, if not all of the usual text.
    var said: (@Sendable (FaultPosition) -> String)?
    /// How many calls the run has when it completes, if not those of the answer.
    var calls: Int?
    /// What else must be so; sentences for what is not.
    var inspect: @Sendable (FaultEvidence) -> [String] = { _ in [] }

    init(_ name: String, inject: @escaping @Sendable (FaultyProvider.Scene) -> FaultyProvider.Aftermath) {
        self.name = name
        self.inject = inject
    }

    func with(_ change: (inout Fault) -> Void) -> Fault {
        var changed = self
        change(&changed)
        return changed
    }
}
