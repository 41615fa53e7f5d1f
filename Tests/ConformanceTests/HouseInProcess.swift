import AgentConfig
import AgentLoop
import AgentTestKit
import Logging

@testable import agentd

/// The whole daemon but for its process: everything behind the socket, put together as `serve` does it.
@LoopActor final class HouseInProcess {
    private let house: Composition

    /// Starts it.
    init(_ settings: DaemonSettings) throws {
        house = try Composition(settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// What it needs to start in a home that has a configuration.
    nonisolated static func settings(in home: DaemonHome) throws -> DaemonSettings {
        try home.directory.makeDirectory("state")
        // `serve` has a umask for this; a process of tests has only one for all.
        try home.directory.write("state/agentd.db")
        let configuration = try ConfigurationLoader.load(path: home.config)
        return DaemonSettings(
            source: ConfigurationSource(flag: home.config, environment: [:]),
            configuration: configuration, scripts: try .init(of: configuration), keys: ProviderKeys(),
            socket: home.socket,
            stateDirectory: home.state, descriptors: 1 << 16, environment: [:])
    }

    /// Ends it, as a drain does whose time is over.
    func close() async throws {
        house.drain(grace: .zero)
        house.endAllRuns()
        while !house.isQuiet { await nextMillisecond() }
        try house.close()
    }
}
