import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("What agentd says of itself", .ownThread)
struct ConfigurationCommandTests {
    private let home: DaemonHome

    init() throws {
        home = try DaemonHome()
        try home.configure(
            """
            default_agent = "a"
            socket = { path = "/file.sock", mode = "0600" }
            [providers.mine]
            kind = "openai"
            base_url = "http://localhost:1/v1"
            key_env = "MY_KEY"
            headers = { X-Team = "headerword" }
            profile = { extra_body = { k = "bodyword" }, max_tokens = 5 }
            [run]
            drain_s = 0.25
            """)
        try home.addAgent("a", script: "[[]]", settings: "instructions = \"Say \\\"hi\\\".\"")
    }

    /// Runs a command; returns its exit code and its output.
    private func run(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> (ending: ChildProcess.Ending, output: String, errors: String) {
        let directory = try TemporaryDirectory()
        let (output, errors) = (directory.file("output"), directory.file("errors"))
        let variables = environment.merging(["HOME": home.directory.path, "MY_KEY": "sk-keyword"]) { given, _ in given }
        let process = try ChildProcess(
            [try DaemonProcess.binary()] + arguments, environment: variables, output: output, errors: errors)
        let ending = try process.wait()
        return (ending, TemporaryDirectory.read(output), TemporaryDirectory.read(errors))
    }

    private func settings(_ arguments: [String], _ environment: [String: String] = [:]) throws -> [String] {
        let config = try #require(home.config)
        let (ending, output, errors) = try run(["config", "--config", config] + arguments, environment)
        try #require(ending == .exited(0), "\(errors)")
        return output.replacing(home.directory.path + "/", with: "").split(separator: "\n").map(String.init)
    }

    @Test("shows where each setting comes from")
    func showsWhereEachSettingComesFrom() throws {
        let lines = try settings(["--show-origin", "--state-dir", "/s"])
        for line in [
            #"config = "agentd.toml"  # --config"#, #"state_dir = "/s"  # --state-dir"#,
            #"socket.path = "/file.sock"  # agentd.toml:2"#, #"socket.mode = "0600"  # agentd.toml:2"#,
            #"default_agent = "a"  # agentd.toml:1"#, "run.drain_s = 0.25  # agentd.toml:10",
            "run.retries = 3  # default", #"providers.mine.key_env = "MY_KEY"  # agentd.toml:6"#,
            #"providers.openai.key_env = "OPENAI_API_KEY"  # default"#,
            #"agents.a.instructions = "Say \"hi\"."  # agents.d/a.toml:2"#,
            #"agents.a.model = "script/a"  # agents.d/a.toml:1"#, "agents.a.limits.steps = 32  # default",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test("lets flags win over the environment, and that over files")
    func hasAnOrder() throws {
        func socket(_ arguments: [String], _ environment: [String: String]) throws -> String? {
            try settings(["--show-origin"] + arguments, environment).first { $0.hasPrefix("socket.path") }
        }
        let variable = ["AGENTD_SOCKET": "/env.sock"]
        #expect(try socket(["--socket", "/flag.sock"], variable) == #"socket.path = "/flag.sock"  # --socket"#)
        #expect(try socket([], variable) == #"socket.path = "/env.sock"  # $AGENTD_SOCKET"#)
        #expect(try socket([], [:]) == #"socket.path = "/file.sock"  # agentd.toml:2"#)
    }

    @Test("shows no secret", arguments: [[], ["--show-origin"], ["--json"]])
    func showsNoSecret(arguments: [String]) throws {
        let text = try settings(arguments).joined(separator: "\n")
        #expect(text.contains("MY_KEY") && text.contains("X-Team") && text.contains("max_tokens"))
        for word in ["keyword", "headerword", "bodyword"] { #expect(!text.contains(word)) }
    }

    @Test("says the same as JSON")
    func saysTheSameAsJSON() throws {
        let objects = try settings(["--json"]).compactMap { try JSONReader.read($0).object }
        let plain = try settings([])
        #expect(objects.count == plain.count && objects.count > 25)
        let drain = try #require(objects.first { $0["key"]?.string == "run.drain_s" })
        #expect(drain["origin"]?.string == "file" && drain["line"]?.int64 == 10)
        #expect(objects.first { $0["key"]?.string == "run.idle_s" }?["origin"]?.string == "default")
    }

    @Test("what it shows is TOML that says the same again")
    func whatItShowsIsTOML() throws {
        let lines = try settings(["--show-origin"])
        let main = lines.filter { line in
            !["config", "state_dir", "agents."].contains { line.hasPrefix($0) } && !line.contains("***")
        }
        let agent = lines.filter { $0.hasPrefix("agents.a.") }.map { String($0.dropFirst("agents.a.".count)) }
        try home.configure(main.joined(separator: "\n"))
        try home.directory.write("agents.d/a.toml", agent.joined(separator: "\n"))
        let again = try settings([])
        #expect(again == (try settings(["--show-origin"])).map { String($0.split(separator: "  #")[0]) })
        #expect(again.count == lines.filter { !$0.contains("***") }.count)
    }

    @Test("a mistake is named with its place")
    func aMistakeIsNamed() throws {
        try home.configure("version = 1\nsokcet = 1")
        let (ending, output, errors) = try run(["config", "--config", try #require(home.config)])
        #expect(ending == .exited(78) && output.isEmpty)
        #expect(errors.contains("agentd.toml:2: unknown key \"sokcet\" (did you mean \"socket\"?)"), "\(errors)")
    }

    // MARK: Metrics

    @Test("tells Prometheus what the daemon has done")
    func tellsPrometheus() throws {
        let other = try DaemonHome()
        try other.configure("")
        try other.addAgent("brief", script: #"[[{"say":"hi"},{"usage":{"input_tokens":9}},{"end":"stop"}]]"#)
        let daemon = try DaemonProcess(in: other)
        let client = try daemon.connect()
        client.send(#"{"cmd":"run","input":"hi"}"#)
        _ = try client.frame { $0["event"]?.string == "run_completed" }
        let (ending, output, errors) = try run(["metrics", "--socket", daemon.home.socket])
        #expect(ending == .exited(0), "\(errors)")
        let lines = output.split(separator: "\n").map(String.init)
        let labels = #"gen_ai_operation_name="chat",gen_ai_provider_name="script",gen_ai_request_model="brief""#
        for line in [
            #"agentd_runs_total{status="completed"} 1"#, "agentd_live_runs 0", "agentd_connections 2",
            "agentd_storage_failed 0", "gen_ai_client_operation_duration_seconds_count{\(labels)} 1",
            #"gen_ai_client_token_usage_total{\#(labels),gen_ai_token_type="input"} 9"#,
        ] {
            #expect(lines.contains(line), "\(line) in \(output)")
        }
        #expect(lines.contains { $0.hasPrefix("agentd_log_bytes ") && !$0.hasSuffix(" 0") })
        #expect(try run(["metrics", "--socket", home.socket]).ending == .exited(69))
    }

    // MARK: The log

    /// The log of a daemon that has started and ended.
    private func log(_ options: [String], journal: (stat) -> String) throws -> [String] {
        try home.directory.write("log")
        var status = stat()
        try #require(stat(home.log, &status) == 0)
        let daemon = try DaemonProcess(
            in: home, options: options, prelude: "export JOURNAL_STREAM=\(journal(status)) MY_KEY=x")
        #expect(try daemon.terminate() == .exited(0))
        return daemon.log.split(separator: "\n").map(String.init)
    }

    @Test("has a priority instead of a time in the journal, and only there")
    func hasAPriorityInTheJournal() throws {
        let inJournal = try log([]) { "\($0.st_dev):\($0.st_ino)" }
        #expect(inJournal.count >= 3)
        #expect(inJournal.allSatisfy { $0.hasPrefix("<6>level=info msg=") }, "\(inJournal)")
        let elsewhere = try log([]) { "\($0.st_dev):\($0.st_ino + 1)" }
        #expect(elsewhere.allSatisfy { $0.hasPrefix("ts=2") && $0.contains(" level=info msg=") }, "\(elsewhere)")
    }

    @Test("names the runs that end, and nothing that was said")
    func namesRunsThatEnd() throws {
        let other = try DaemonHome()
        try other.configure("default_agent = 'well'")
        try other.addAgent("well", script: #"[[{"say":"answerword"},{"end":"stop"}]]"#)
        try other.addAgent("ill", script: #"[[{"say":"answerword"},{"fail":{"http":400}}]]"#)
        let daemon = try DaemonProcess(in: other, options: ["--log-level", "debug"])
        for agent in ["well", "ill"] {
            let client = try daemon.connect()
            client.send(#"{"cmd":"run","input":"questionword","agent":"\#(agent)","session_id":"s-\#(agent)"}"#)
            _ = try client.frame { ["run_completed", "run_error"].contains($0["event"]?.string) }
        }
        #expect(try daemon.terminate() == .exited(0))
        let ends = daemon.log.split(separator: "\n").filter { $0.contains("msg=\"run ended\"") }
        #expect(ends.count == 2)
        #expect(ends[0].contains("level=debug") && ends[0].contains(" run_id=run_"), "\(ends)")
        #expect(ends[0].hasSuffix(" session_id=s-well status=completed"), "\(ends)")
        #expect(ends[1].contains("level=notice") && ends[1].contains(" agent=ill code=model_bad_request"), "\(ends)")
        #expect(ends[1].hasSuffix(" session_id=s-ill status=error"), "\(ends)")
        #expect(!daemon.log.contains("questionword") && !daemon.log.contains("answerword"))
    }

    @Test("is JSON if it is asked for, and as long as it is asked for")
    func isAsItIsAskedFor() throws {
        let objects = try log(["--log-format", "json", "--log-level", "debug"]) { _ in "0:0" }
            .map { try JSONReader.read($0).object }
        #expect(objects.contains { $0?["msg"]?.string == "listening" && $0?["socket"]?.string == home.socket })
        #expect(try log(["--log-level", "error"]) { _ in "0:0" }.isEmpty)
    }
}
