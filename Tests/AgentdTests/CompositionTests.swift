import AgentConfig
import AgentLoop
import AgentTestKit
import Glibc
import Logging
import Testing

@testable import agentd

@Suite struct CompositionTests {
    init() { LoopFixture.start() }

    /// Files may be large and disks slow, and streams wait for the loop.
    @Test @LoopActor func anotherConfigurationIsTakenOverWithoutALookAtAnyFile() async throws {
        let home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = 'a'\n")
        try home.addAgent("a", script: "[[]]")
        try home.directory.makeDirectory("state")
        // `serve` has a umask for this; a process of tests has only one for all.
        try home.directory.write("state/agentd.db")
        let source = ConfigurationSource(flag: home.config, environment: [:])
        var keys = ProviderKeys()
        let (first, scripts) = try source.read(&keys)
        let house = try Composition(
            DaemonSettings(
                source: source, configuration: first, scripts: scripts, keys: keys, socket: home.socket,
                stateDirectory: home.state, descriptors: 1 << 16, environment: [:]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

        try home.addAgent("b", script: "[[]]")
        let (second, newScripts) = try source.read(&keys)
        for file in ["agentd.toml", "agents.d/a.toml", "agents.d/b.toml", "scripts/a.json", "scripts/b.json"] {
            #expect(unlink(home.directory.file(file)) == 0)
        }
        #expect(throws: Never.self) { try house.take(second, newScripts, keys) }
        house.drain(grace: .zero)
        #expect(await eventually { house.isQuiet })
        try house.close()
    }
}
