import AgentConfig
import AgentProtocol
import Testing

@Suite struct ConfigurationLoaderTests {
    @Test func withoutAFileThereIsOneAgentThatNeedsNoNetwork() throws {
        let configuration = try ConfigurationLoader.load(path: nil)
        #expect(configuration == .builtIn)
        let demo = try #require(configuration.agents[configuration.defaultAgent])
        #expect(demo.name.text == "demo" && demo.provider == "script" && demo.model == "demo")
        #expect(configuration.providers[demo.provider]?.kind == .script)
        #expect(configuration.scriptsDirectory == nil)
    }

    @Test func anEmptyFileChangesNothingButTheScripts() throws {
        let directory = ConfigurationDirectory(["agentd.toml": ""])
        var expected = Configuration.builtIn
        expected.scriptsDirectory = directory.path + "/scripts"
        #expect(try directory.load() == expected)
        #expect(expected.socket == SocketSettings(path: nil, mode: 0o660, group: nil))
        #expect(expected.defaults.onDisconnect == .stop && expected.defaults.historyStopped == .note)
        #expect(expected.defaults.haltNote == "User halted response")
        #expect(expected.run.stopGrace == .seconds(5) && expected.run.drain == .seconds(30))
    }

    @Test func readsEverySetting() throws {
        let directory = ConfigurationDirectory([
            "agentd.toml": """
            version = 1
            default_agent = "support"
            socket = { path = "/run/x.sock", mode = "0600", group = "www-data" }
            [providers.plays]
            kind = "script"
            [defaults]
            on_disconnect = "continue"
            halt_note = ""
            history_stopped = "exclude"
            [run]
            stop_grace_s = 0.25
            drain_s = 0
            [retention]
            days = 90
            bytes = 10737418240
            """,
            "agents.d/other.toml": "model = 'script/demo'",
            "agents.d/support.toml": """
            description = "Answers customers"
            model = "plays/a/b"
            instructions = "Be kind."
            limits = { time_s = 1.5, steps = 3 }
            history = { turns = 0 }
            history_stopped = "plain"
            on_disconnect = "stop"
            """,
        ])
        let configuration = try directory.load()
        #expect(configuration.socket == SocketSettings(path: "/run/x.sock", mode: 0o600, group: "www-data"))
        #expect(configuration.defaults.onDisconnect == .continue && configuration.defaults.haltNote.isEmpty)
        #expect(configuration.defaults.historyStopped == .exclude)
        #expect(configuration.run.stopGrace == .milliseconds(250) && configuration.run.drain == .zero)
        #expect(configuration.retention.days == 90 && configuration.retention.bytes == 10_737_418_240)
        #expect(configuration.providers.keys.sorted() == ["anthropic", "openai", "plays", "script"])
        #expect(configuration.agents.keys.map(\.text).sorted() == ["other", "support"])
        var support = AgentDefinition(
            name: AgentName(trusted: "support"), description: "Answers customers", provider: "plays", model: "a/b",
            instructions: "Be kind.", limits: .init(time: .milliseconds(1500), steps: 3), historyTurns: 0,
            historyStopped: .plain, onDisconnect: .stop)
        support.place = configuration.agents[configuration.defaultAgent]?.place
        #expect(support.place?.line != nil)
        #expect(configuration.agents[configuration.defaultAgent] == support)
    }

    @Test func anAgentThatSaysOnlyItsModelHasTheDefaults() throws {
        let directory = ConfigurationDirectory(["agentd.toml": "", "agents.d/a.toml": "model = 'script/x'"])
        let configuration = try directory.load()
        #expect(configuration.defaultAgent.text == "a")
        let agent = try #require(configuration.agents[configuration.defaultAgent])
        #expect(agent.limits.time == .seconds(600) && agent.limits.steps == 32 && agent.historyTurns == 20)
        #expect(agent.instructions == nil && agent.onDisconnect == nil && agent.historyStopped == nil)
    }

    @Test func instructionsMayStandInAFileBesideTheAgent() throws {
        let directory = ConfigurationDirectory([
            "agentd.toml": "", "agents.d/a.toml": "model = 'script/x'\ninstructions_file = 'a.md'",
            "agents.d/a.md": "Be kind.\nBe brief.\n",
        ])
        #expect(try directory.load().agents.values.first?.instructions == "Be kind.\nBe brief.\n")
    }

    @Test func aPathWithoutADirectoryIsInTheWorkingDirectory() {
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(path: "no-such.toml") }
        #expect(error?.description == "no-such.toml: No such file or directory")
    }

    @Test func otherFilesInAgentsDirectoryAreIgnored() throws {
        let directory = ConfigurationDirectory([
            "agentd.toml": "", "agents.d/a.toml": "model = 'script/x'", "agents.d/a.toml~": "?",
            "agents.d/.hidden.toml": "?", "agents.d/README.md": "?",
        ])
        #expect(try directory.load().agents.keys.map(\.text) == ["a"])
    }

    @Test(arguments: BrokenConfiguration.mainFiles)
    func saysWhereTheMainFileIsWrong(broken: BrokenConfiguration) {
        #expect(ConfigurationDirectory(["agentd.toml": broken.text]).complaints() == broken.complaints)
    }

    @Test(arguments: BrokenConfiguration.agentFiles)
    func saysWhereAnAgentIsWrong(broken: BrokenConfiguration) {
        let directory = ConfigurationDirectory([
            "agentd.toml": "default_agent = 'support'", "agents.d/support.toml": broken.text,
        ])
        #expect(directory.complaints() == broken.complaints)
    }

    @Test(arguments: [
        ("version = 1\nmode = 0660", 2), ("version = ", 1), ("a = 1\na = 2", 2), ("x = 'a\nb'", 1), ("[socket\n", 1),
        ("a = 1\nb = 2\nc = [1, 2\n", 3),
        // The parser would end the process at these.
        ("a = [}", 1), ("a = 1\nb = [\n1,\n}]", 4), ("a = [ [1], { b = [}] } ]", 1), ("a = ['''\n]''', }", 2),
        ("a = [\n# no, }\n\u{2028}]", 3), ("a = 1 # [\n[é]", 2), ("a = {}\n[[[a]]]", 2), ("[", 1), ("[ =]", 1),
        ("[\n]", 1), ("[\ra]", 1), ("[[ .a]]", 1), ("b = 1\na = 1979-05-27 0]", 2), ("a = [{ b = 1979-05-27 0} ]", 1),
        ("a = 1979-05-27Tx7:32:00", 1), ("a = 1979-05-27T", 1), ("a = 1979-05-27 07:32:00+", 1),
    ])
    func aSyntaxErrorHasItsLine(text: String, line: Int) {
        let directory = ConfigurationDirectory(["agentd.toml": text])
        let error = #expect(throws: ConfigurationError.self) { try directory.load() }
        #expect(error?.issues.count == 1)
        #expect(error?.issues.first?.line == line)
        #expect(error?.issues.first?.column != nil)
    }

    @Test(arguments: [
        "[version]", #"a = [[], [[1], [2,],], '}', "\"}", { b = '[', c = [ { d = 1 } ] }]"#,
        "a = '''\n[}\n'''\n[ \"é\" . 'b' ] # [}\n[[c]]\r\n'x' = [ # }\r\n1 ]",
        "a.b = 1979-05-27 07:32:00\n-1 = [1e3,\n\n]\n[[c.d]]", "a = [1979-05-27 ,1979-05-27\t, 07:32:00.5]",
        "a = [1979-05-27t07:32:00Z, 1979-05-27 07:32:00.123-08:00, 1e-5, -1E-5, -inf, 0xde]",
    ])
    func noTextThatIsRightIsTakenForATrap(text: String) {
        let directory = ConfigurationDirectory(["agentd.toml": text])
        let error = #expect(throws: ConfigurationError.self) { try directory.load() }
        #expect(
            error?.issues.allSatisfy { $0.message.contains("unknown key") || $0.message.contains("must be") } == true)
    }

    @Test func oneRoundNamesTheMistakesOfAllFiles() {
        let directory = ConfigurationDirectory([
            "agentd.toml": "vresion = 1\ndefault_agent = 'b'", "agents.d/a.toml": "modl = 'script/x'",
            "agents.d/b.toml": "model = ", "agents.d/c d.toml": "model = 'script/x'",
        ])
        let complaints = directory.complaints()
        #expect(complaints.count == 5)
        #expect(complaints[0] == #"agentd.toml:1: unknown key "vresion" (did you mean "version"?)"#)
        #expect(complaints[1] == #"agents.d/a.toml:1: unknown key "modl" (did you mean "model"?)"#)
        #expect(complaints[2].hasPrefix(#"agents.d/a.toml: "model" is missing"#))
        #expect(complaints[3].hasPrefix("agents.d/b.toml:1: "))
        #expect(complaints[4].hasPrefix("agents.d/c d.toml: the file's name is the agent's name"))
    }

    @Test func severalAgentsNeedADefault() {
        let directory = ConfigurationDirectory([
            "agentd.toml": "", "agents.d/a.toml": "model = 'script/x'", "agents.d/b.toml": "model = 'script/x'",
        ])
        #expect(directory.complaints() == [#"agentd.toml: "default_agent" is missing (one of "a", "b")"#])
    }

    @Test func onceAgentsAreWrittenTheDemoIsGone() {
        let directory = ConfigurationDirectory([
            "agentd.toml": "default_agent = 'demo'", "agents.d/a.toml": "model = 'script/x'",
        ])
        #expect(directory.complaints() == [#"agentd.toml:1: there is no agent "demo""#])
    }

    @Test func aMissingFileIsOneIssueAndNotMany() {
        let directory = ConfigurationDirectory(["agents.d/a.toml": "model = 'mine/x'"])
        #expect(directory.complaints() == ["agentd.toml: No such file or directory"])
    }

    @Test func aFileIsBoundedAndIsText() {
        let directory = ConfigurationDirectory()
        let limit = 1 << 20
        directory.write("agentd.toml", Array(repeating: UInt8(ascii: "#"), count: limit))
        #expect(directory.complaints().isEmpty)
        directory.write("agentd.toml", Array(repeating: UInt8(ascii: "#"), count: limit + 1))
        #expect(directory.complaints() == ["agentd.toml: larger than 1048576 bytes"])
        directory.write("agentd.toml", [0x23, 0xFF])
        #expect(directory.complaints() == ["agentd.toml: not UTF-8 text"])
        directory.write("agentd.toml", [0x23, 0x00])
        #expect(directory.complaints() == ["agentd.toml: holds a NUL byte"])
    }

    @Test func aDirectoryIsNoConfiguration() {
        let directory = ConfigurationDirectory()
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(path: directory.path + "/agents.d")
        }
        #expect(error?.issues.first?.message == "not a regular file")
    }
}
