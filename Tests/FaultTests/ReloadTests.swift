import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A daemon that is told to read its configuration again", .ownThread)
struct ReloadTests {
    private let home: DaemonHome

    init() throws {
        home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = 'a'\n[defaults]\nhalt_note = 'old note'\n")
        try home.addAgent("a", script: Self.waiting("old"))
        try home.directory.write("scripts/b.json", Self.waiting("new"))
    }

    /// A script that says a word and never ends.
    private static func waiting(_ word: String) -> String { #"[[{"say":"\#(word)"},{"wait_ms":600000}]]"# }

    /// Tells the daemon, and waits until it has said what came of it.
    private func reload(_ daemon: DaemonProcess) throws {
        let before = daemon.log.utf8.count
        daemon.process.signal(SIGHUP)
        while String(daemon.log.utf8.dropFirst(before))?.contains("reloaded") != true {
            guard !daemon.process.hasEnded(by: Deadline(in: .milliseconds(5))) else { throw TestFailure(daemon.log) }
        }
    }

    /// Starts a run; returns its name once it has spoken.
    private func start(_ client: SocketClient, _ more: String = "") throws -> String {
        let run = try #require(
            try client.ask(#"{"cmd":"run","input":"hi","session_id":"s"\#(more)}"#)["run_id"]?.string)
        if more.isEmpty { _ = try client.frame { $0["event"]?.string == "run_content" } }
        return run
    }

    private func stop(_ run: String, _ client: SocketClient) throws -> String {
        client.send(#"{"cmd":"stop","run_id":"\#(run)"}"#)
        let end = try client.frame { $0["event"]?.string == "run_cancelled" && $0["run_id"]?.string == run }
        return end["content"]?.string ?? ""
    }

    @Test("goes by it from the next run on, and lets those that have begun end as they began")
    func goesByIt() throws {
        let daemon = try DaemonProcess(in: home)
        let client = try daemon.connect()
        let first = try start(client)
        let second = try start(client, #","on_busy":"queue""#)
        try home.directory.write("agents.d/a.toml", "model = 'script/b'")
        try home.addAgent("c", script: Self.waiting("third"))
        try home.configure("version = 1\ndefault_agent = 'c'\n[defaults]\nhalt_note = 'new note'\n")
        try reload(daemon)
        #expect(try stop(first, client) == "old\n\nold note")
        _ = try client.frame { $0["event"]?.string == "run_content" && $0["run_id"]?.string == second }
        #expect(try stop(second, client) == "new\n\nnew note")
        let other = try daemon.connect()
        other.send(#"{"cmd":"run","input":"hi"}"#)
        #expect(try other.frame { $0["event"]?.string == "run_content" }["content"]?.string == "third")
        let hello = try daemon.connect().ask(#"{"cmd":"hello"}"#)
        #expect(hello["agents"]?.array?.compactMap(\.string) == ["a", "c"])
        #expect(hello["last_reload_error"] == .null)
        #expect(daemon.log.contains("changed=\"default_agent defaults.halt_note agents.a.model "), "\(daemon.log)")
    }

    @Test(
        "keeps what it had when something is wrong, and says what",
        arguments: [
            ("agents.d/a.toml", "model = 'script/b'\nmodle = 1", "agents.d/a.toml:2: unknown key \"modle\""),
            ("agents.d/a.toml", "model = 'script/nowhere'", "agents.d/a.toml:1: agent \"a\": there is no script"),
            ("agents.d/a.toml", "\nmodel = 'openai/x'", "agents.d/a.toml:2: provider \"openai\": the environment"),
            ("scripts/a.json", "[[{\"say\":1}]]", "agents.d/a.toml:1: agent \"a\": script a: turn 1, step 1"),
            ("agentd.toml", "version = 1\nversion = 2", "agentd.toml:2: "),
        ])
    func keepsWhatItHad(file: String, text: String, reason: String) throws {
        let good = TemporaryDirectory.read(home.directory.file(file))
        let daemon = try DaemonProcess(in: home)
        try home.directory.write(file, text)
        try reload(daemon)
        let reasonInLog = reason.replacing("\"", with: "\\\"")
        #expect(daemon.log.contains("the last good one stays"), "\(daemon.log)")
        #expect(daemon.log.contains(reasonInLog), "\(daemon.log)")
        let client = try daemon.connect()
        #expect(try client.ask(#"{"cmd":"hello"}"#)["last_reload_error"]?.string?.contains(reason) == true)
        let run = try start(client)
        #expect(try stop(run, client) == "old\n\nold note")

        try home.directory.write(file, good)
        try reload(daemon)
        #expect(try client.ask(#"{"cmd":"hello"}"#)["last_reload_error"] == .null)
        #expect(daemon.log.contains("the configuration is reloaded\" changed=\"\""), "\(daemon.log)")
    }

    @Test("says what only a new start can change")
    func saysWhatOnlyANewStartCanChange() throws {
        let daemon = try DaemonProcess(in: home)
        try home.configure("default_agent = 'a'\nsocket.mode = '0600'\n[retention]\ndays = 3\n[run]\ndrain_s = 1")
        for _ in 1...2 { try reload(daemon) }
        let warnings = daemon.log.split(separator: "\n").filter { $0.contains("take effect only with the next start") }
        #expect(warnings.count == 2 && warnings.allSatisfy { $0.contains("settings=\"socket.mode retention.days\"") })
        #expect(daemon.log.contains("changed=\"defaults.halt_note run.drain_s\""), "\(daemon.log)")
    }

    @Test("keeps the keys that it has taken out of its environment")
    func keepsItsKeys() throws {
        try home.addAgent("m", script: "[[]]")
        try home.directory.write("agents.d/m.toml", "model = 'openai/x'")
        let daemon = try DaemonProcess(in: home, prelude: "export OPENAI_API_KEY=sk-test")
        for _ in 1...2 { try reload(daemon) }
        #expect(!daemon.log.contains("last good one stays"), "\(daemon.log)")
        #expect(!daemon.log.contains("sk-test"))
    }

    @Test("keeps the keys that it has taken out of its environment for a configuration that was wrong")
    func keepsItsKeysWhenSomethingIsWrong() throws {
        let daemon = try DaemonProcess(in: home, prelude: "export OPENAI_API_KEY=sk-test")
        try home.directory.write("agents.d/m.toml", "model = 'openai/x'")
        try home.directory.write("agents.d/n.toml", "model = 'anthropic/x'")
        try reload(daemon)
        #expect(daemon.log.contains("ANTHROPIC_API_KEY is not set"), "\(daemon.log)")
        #expect(!daemon.log.contains("OPENAI_API_KEY"), "\(daemon.log)")
        try home.directory.write("agents.d/n.toml", "model = 'openai/y'")
        try reload(daemon)
        #expect(daemon.log.contains("the configuration is reloaded"), "\(daemon.log)")
    }

    @Test("tells the service manager when it begins, and when it is ready again")
    func tellsTheServiceManager() throws {
        let manager = UnixSocket(SOCK_DGRAM)
        try #require(manager.bind(home.directory.file("manager")))
        let daemon = try ChildProcess(
            [
                try DaemonProcess.binary(), "serve", "--socket", home.socket, "--state-dir", home.state, "--config",
                try #require(home.config),
            ],
            environment: ["NOTIFY_SOCKET": home.directory.file("manager"), "HOME": home.directory.path],
            output: home.log)
        func next(_ first: String) throws -> [Substring] {
            while daemon.wait(for: manager.descriptor, until: Deadline(in: .seconds(20))) {
                let lines = manager.receive().split(separator: "\n")
                if lines.first == first[...] { return lines }
            }
            throw TestFailure("the manager is not told \(first)")
        }
        _ = try next("READY=1")
        try home.directory.write("agents.d/a.toml", "model = 1")
        daemon.signal(SIGHUP)
        let begun = try next("RELOADING=1")
        let time = try #require(begun.last?.split(separator: "="))
        #expect(time.first == "MONOTONIC_USEC" && Int64(time.last ?? "").map { $0 > 0 } == true)
        let ready = try next("READY=1")
        #expect(ready.last?.hasPrefix("STATUS=") == true && ready.last?.contains("agents.d/a.toml:1: ") == true)
        daemon.signal(SIGTERM)
        #expect(try daemon.wait() == .exited(0))
    }
}
