import AgentProtocol
import AgentTestKit
import Glibc
import Testing

/// `examples/client.py` was written from the contract's text alone: what it cannot do, the text does not say.
@Suite("A client written from the contract's text", .ownThread)
struct ExampleClientTests {
    private let home: DaemonHome
    private let daemon: DaemonProcess

    init() throws {
        home = try DaemonHome(config: Checkout.file("protocol/scripts/agentd.toml"))
        daemon = try DaemonProcess(in: home)
    }

    private func start(_ arguments: String..., as name: String) throws -> ChildProcess {
        try ChildProcess(
            ["python3", Checkout.file("examples/client.py"), home.socket] + arguments,
            output: home.directory.file(name), errors: home.directory.file(name + ".errors"))
    }

    private func shown(_ name: String) -> String { TemporaryDirectory.read(home.directory.file(name)) }

    /// The run and the seq that the client told last, once there is something to show.
    private func place(_ name: String) throws -> (run: String, seq: String) {
        while shown(name).isEmpty { _ = try daemon.connect().ask(#"{"cmd":"ping"}"#) }
        let told = try #require(shown(name + ".errors").split(separator: "\n").last).split(separator: " ")
        return (String(told[0]), String(told[1]))
    }

    @Test("is at most 60 lines")
    func isShort() {
        #expect(
            TemporaryDirectory.read(Checkout.file("examples/client.py")).split(
                separator: "\n", omittingEmptySubsequences: false
            ).count <= 61)
    }

    @Test("runs")
    func runs() throws {
        let client = try start("run", "grüße 😀", "--agent", "echo", as: "answer")
        #expect(try client.wait() == .exited(0))
        #expect(shown("answer") == "grüße 😀")
    }

    @Test("is killed in the middle, and resumes with what is missing")
    func resumes() throws {
        let first = try start("run", "hi", "--agent", "slow", as: "first")
        while shown("first").isEmpty { _ = try daemon.connect().ask(#"{"cmd":"ping"}"#) }
        first.kill(SIGKILL)
        _ = try first.wait()
        let (run, seq) = try place("first")
        let second = try start("resume", run, seq, as: "second")
        #expect(try second.wait() == .exited(0))
        let whole = "Good answers take their time."
        #expect(whole.hasPrefix(shown("first")) && whole.hasSuffix(shown("second")))
        // A piece that was shown when the kill came, and not yet noted, comes again.
        let again = shown("first").count + shown("second").count - whole.count
        #expect(again == 0 || again == 8)
    }

    @Test("stops a run of another process")
    func stops() throws {
        let reader = try start("run", "hi", "--agent", "long", as: "reader")
        let stop = try start("stop", place("reader").run, as: "stop")
        #expect(try stop.wait() == .exited(0))
        #expect(shown("stop").contains(#""status": "stopping""#))
        #expect(try reader.wait() == .exited(1))
        #expect(shown("reader").hasSuffix("\n\nUser halted response"))
    }
}
