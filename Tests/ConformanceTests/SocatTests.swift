import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A shell with socat and nothing else", .ownThread)
struct SocatTests {
    private let home: DaemonHome
    private let daemon: DaemonProcess

    init() throws {
        home = try DaemonHome(config: Checkout.file("protocol/scripts/agentd.toml"))
        daemon = try DaemonProcess(in: home)
    }

    /// What a shell shows for a command that is echoed into socat.
    private func shown(_ command: String) throws -> [JSONObject] {
        let (output, errors) = (home.directory.file("shown"), home.directory.file("errors"))
        let shell = try ChildProcess(
            ["sh", "-c", #"echo "$COMMAND" | socat - "UNIX-CONNECT:$SOCK""#],
            environment: ["COMMAND": command, "SOCK": home.socket], output: output, errors: errors)
        let ending = try shell.wait(within: .seconds(30))
        #expect(ending == .exited(0), "\(TemporaryDirectory.read(errors))")
        return try TemporaryDirectory.read(output).split(separator: "\n").map {
            try #require(try JSONReader.read(String($0)).object)
        }
    }

    @Test("sees the whole run of a model that takes three seconds to its first token")
    func socatShowsTheWholeRunOfASlowModel() throws {
        let frames = try shown(#"{"cmd":"run","agent":"slow","input":"hi","session_id":"s1"}"#)
        #expect(frames.first?["ok"]?.bool == true)
        #expect(frames.dropFirst().first?["event"]?.string == "run_started")
        #expect(frames.last?["event"]?.string == "run_completed")
        let text = frames.filter { $0["event"]?.string == "run_content" }.compactMap { $0["content"]?.string }.joined()
        #expect(text == "Good answers take their time.")
        #expect(frames.last?["content"]?.string == text)
    }

    @Test("starts a run that it does not watch, and the run goes on to its end")
    func runWithoutAStreamGoesOnToItsEndAfterSocatHasGone() throws {
        let command = #"{"cmd":"run","agent":"hello","input":"hi","session_id":"s1","run_id":"r1","stream":"none"}"#
        let frames = try shown(command)
        #expect(frames.map { $0["ok"]?.bool } == [true])
        let run = try daemon.awaitEnd(of: "r1")
        #expect(run["status"]?.string == "completed")
        #expect(run["content"]?.string == "Hello from the script.")
    }

    @Test("gets its answer also where its last line has no end")
    func lastLineWithoutAnEndIsACommand() throws {
        let client = try daemon.connect()
        client.send(Array(#"{"cmd":"ping"}"#.utf8))
        client.halfClose()
        #expect(try client.rest().map { $0["cmd"]?.string } == ["ping"])
    }
}
