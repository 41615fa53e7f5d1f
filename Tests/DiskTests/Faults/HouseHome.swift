import AgentConfig
import AgentTestKit

@testable import agentd

/// A place for a house: agents that play scripts, a state directory, a socket.
struct HouseHome {
    let settings: DaemonSettings
    private let home: DaemonHome

    /// Makes a home whose state directory is empty.
    init() throws {
        home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = \"talker\"\n")
        for (name, script) in Self.scripts { try home.addAgent(name, script: script) }
        try home.directory.makeDirectory("state")
        // `serve` has a umask for this; a process of tests has only one for all.
        try home.directory.write("state/agentd.db")
        let configuration = try ConfigurationLoader.load(path: home.config)
        settings = DaemonSettings(
            source: ConfigurationSource(flag: home.config, environment: [:]),
            configuration: configuration, scripts: try .init(of: configuration), keys: ProviderKeys(),
            socket: home.socket,
            stateDirectory: home.state, descriptors: 1 << 16, environment: [:])
    }

    /// The ledger's file.
    var database: String { home.database }

    /// What the agents say: without pauses, but for one that never comes to its end.
    private static let scripts = [
        "talker": """
        [[{"say": "One word after the other. ", "chunk": 5}, {"say": "That was all.", "chunk": 4},
          {"usage": {"input_tokens": 9, "output_tokens": 9}}, {"end": "stop"}]]
        """,
        "waiter": """
        [[{"say": "One moment."}, {"wait_ms": 600000}, {"say": " Too late."}, {"end": "stop"}]]
        """,
        "failer": """
        [[{"say": "Half an answer and then"}, {"fail": {"http": 400}}]]
        """,
        "toolsmith": """
        [[{"think": "A call."}, {"call": "clock", "args": {"zone": "UTC"}, "id": "c1"}, {"end": "tool_calls"}],
         [{"say": "There is no clock."}, {"end": "stop"}]]
        """,
    ]
}
