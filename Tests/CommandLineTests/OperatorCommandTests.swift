import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("An operator", .ownThread)
struct OperatorCommandTests {
    private let home: DaemonHome
    private let shell: CommandLine

    init() throws {
        home = try DaemonHome()
        shell = CommandLine(home: home)
    }

    private var doctor: [String] { ["doctor", "--config", home.config ?? "", "--state-dir", home.state] }

    /// What the doctor has found, by subject.
    private func findings(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> [String: JSONObject] {
        let result = try shell.run(arguments + ["--json"], environment: environment)
        return Dictionary(uniqueKeysWithValues: result.objects.map { ($0["check"]?.string ?? "", $0) })
    }

    @Test("is told of a configuration in which nothing is wrong what it says")
    func soundConfiguration() throws {
        try home.configure("version = 1\n[providers.local]\nkind = \"openai\"\nbase_url = \"http://127.0.0.1:1/v1\"\n")
        try home.addAgent("a", script: #"[[{"say":"x"},{"end":"stop"}]]"#)
        let result = try shell.run(["check", "--config", home.config ?? ""])
        #expect(result.code == 0)
        #expect(result.output == "\(home.config ?? ""): nothing is wrong\n  agent     a (default): script/a\n")
        let json = try shell.run(["check", "--config", home.config ?? "", "--json"])
        #expect(json.code == 0)
        #expect(json.output == "")
        #expect(try shell.run(["check"]).output.hasPrefix("no configuration, so the built-in one"))
    }

    @Test("is told everything that is wrong, each with file, line and hint, and nothing is started")
    func brokenConfiguration() throws {
        try home.configure("version = 1\nsokcet = { mode = \"0660\" }\n")
        try home.addAgent("a", script: "[]", settings: "descripton = \"x\"")
        let result = try shell.run(["check", "--config", home.config ?? ""])
        #expect(result.code == 78)
        #expect(result.output == "")
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains("agentd.toml:2: ") == true && lines.first?.contains("\"socket\"") == true)
        #expect(lines.last?.contains("agents.d/a.toml:2: ") == true)
        let json = try shell.run(["check", "--config", home.config ?? "", "--json"])
        #expect(json.code == 78)
        #expect(json.objects.map { $0["line"]?.int64 } == [2, 2])
    }

    @Test("is told of what serve would find only later: keys, presets and scripts")
    func laterMistakes() throws {
        try home.configure(
            """
            version = 1
            default_agent = "plays"
            [providers.local]
            kind = "openai"
            base_url = "http://127.0.0.1:1/v1"
            key_env = "NO_SUCH_KEY"
            preset = "nonsense"
            """)
        try home.directory.makeDirectory("agents.d")
        try home.directory.write("agents.d/asks.toml", "model = \"local/x\"\n")
        try home.directory.write("agents.d/plays.toml", "\nmodel = \"script/nowhere\"\n")
        let result = try shell.run(["check", "--config", home.config ?? ""])
        #expect(result.code == 78)
        for words in ["preset named nonsense", "plays.toml:2: ", "script named nowhere", "NO_SUCH_KEY is not set"] {
            #expect(result.errors.contains(words), "\(words) in \(result.errors)")
        }
        // What the check says is what the daemon says.
        #expect(try DaemonProcess.refusal(in: home).ending == .exited(78))
    }

    @Test("sees that all is well beside a daemon that works, and is shown no key")
    func allIsWell() throws {
        let port = try Listener()
        try home.configure(
            """
            version = 1
            [providers.local]
            kind = "openai"
            base_url = "http://127.0.0.1:\(port.number)/v1"
            key_file = "\(home.directory.file("key"))"
            """)
        try home.directory.write("key", "sk-very-secret", mode: 0o600)
        try home.directory.makeDirectory("agents.d")
        try home.directory.write("agents.d/asks.toml", "model = \"local/x\"\n")
        let daemon = try DaemonProcess(in: home)
        defer { withExtendedLifetime(daemon) {} }
        let result = try shell.run(doctor)
        #expect(result.code == 0, "\(result.output)")
        #expect(!result.output.contains("fail"))
        #expect(!(result.output + result.errors).contains("sk-very-secret"))
        let found = try findings(doctor)
        for subject in [
            "sqlite", "libcurl", "configuration", "socket", "state", "ledger", "log", "key local", "reach local",
        ] {
            #expect(found[subject]?["status"]?.string == "ok", "\(subject): \(String(describing: found[subject]))")
        }
    }

    @Test("is told what is wrong, and what to do about each")
    func manyThingsAreWrong() throws {
        let port = RefusingPort()
        try home.configure(
            """
            version = 1
            [providers.local]
            kind = "openai"
            base_url = "\(port.url)/v1"
            key_env = "NO_SUCH_KEY"
            """)
        try home.directory.makeDirectory("agents.d")
        try home.directory.write("agents.d/asks.toml", "model = \"local/x\"\n")
        try home.directory.makeDirectory("state", mode: 0o755)
        try home.directory.write("state/agentd.db", "this is no ledger, but a text that is long enough to be looked at")
        #expect(try shell.run(doctor).code == 1)
        let found = try findings(doctor)
        let expected = [
            ("socket", "fail"), ("state", "fail"), ("ledger", "fail"), ("key local", "warn"), ("reach local", "fail"),
        ]
        for (subject, status) in expected {
            #expect(found[subject]?["status"]?.string == status, "\(subject)")
            #expect(found[subject]?["advice"]?.string?.isEmpty == false, "\(subject)")
        }
        #expect(found["state"]?["advice"]?.string?.contains("chmod 700") == true)
    }

    @Test("is not told that a key is missing which only the unit can see")
    func keyOfAnotherEnvironment() throws {
        try home.configure("version = 1\n[run]\nconnect_s = 0.1\n[providers.local]\nkind = \"openai\"\n")
        try home.directory.makeDirectory("agents.d")
        try home.directory.write("agents.d/asks.toml", "model = \"local/x\"\n")
        #expect(try findings(doctor)["key local"]?["status"]?.string == "warn")
        try home.directory.makeDirectory("credentials")
        let unit = ["CREDENTIALS_DIRECTORY": home.directory.file("credentials")]
        #expect(try findings(doctor, environment: unit)["key local"]?["status"]?.string == "fail")
    }

    @Test("gives a vendor its key as a credential of its name, where the variable is not set")
    func credentialOfAVendor() throws {
        try home.configure("version = 1\n")
        try home.directory.makeDirectory("agents.d")
        try home.directory.write("agents.d/asks.toml", "model = \"anthropic/x\"\n")
        try home.directory.makeDirectory("credentials")
        let unit = ["CREDENTIALS_DIRECTORY": home.directory.file("credentials")]
        let check = ["check", "--config", home.config ?? ""]
        let missing = try shell.run(check, environment: unit)
        #expect(missing.code == 78)
        #expect(missing.errors.contains("ANTHROPIC_API_KEY is not set"))
        try home.directory.write("credentials/anthropic", "sk-test", mode: 0o400)
        #expect(try shell.run(check, environment: unit).code == 0)
    }

    @Test("finds the socket of the configuration where the variable for it is empty")
    func emptyVariable() throws {
        try home.configure("version = 1\nsocket.path = \"\(home.socket)\"\n")
        let daemon = try DaemonProcess(in: home)
        defer { withExtendedLifetime(daemon) {} }
        let socket = try findings(doctor, environment: ["AGENTD_SOCKET": ""])["socket"]
        #expect(socket?["status"]?.string != "fail")
        #expect(socket?["message"]?.string?.hasPrefix(home.socket) == true)
    }

    @Test("does not wait for ever for the figures of a daemon that is silent")
    func silentDaemon() throws {
        let door = UnixSocket(SOCK_STREAM)
        try #require(door.bind(home.socket) && door.listen())
        let result = try shell.run(["metrics"])
        #expect(result.code == 75)
        #expect(result.output == "")
    }

    @Test("changes nothing by looking at a ledger that no daemon has")
    func lookingChangesNothing() throws {
        try home.configure("version = 1\n")
        let daemon = try DaemonProcess(in: home)
        _ = try daemon.connect().ask(#"{"cmd":"run","input":"x","session_id":"s1","stream":"none"}"#)
        #expect(try daemon.terminate() == .exited(0))
        let before = TemporaryDirectory.bytes(of: home.database)
        #expect(try findings(doctor)["ledger"]?["status"]?.string == "ok")
        #expect(TemporaryDirectory.bytes(of: home.database) == before)
        let again = try DaemonProcess(in: home)
        #expect(!again.log.contains("left open"), "no log was left behind")
    }
}

/// A port of this machine on which connections are taken, until it goes out of scope.
private final class Listener {
    let number: UInt16
    private let descriptor: Int32

    init() throws(TestFailure) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isOpen else { throw TestFailure("no port: \(String(cString: strerror(errno)))") }
        self.descriptor = descriptor
        number = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }
}
