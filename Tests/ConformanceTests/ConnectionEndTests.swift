import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A connection that ends", .ownThread)
struct ConnectionEndTests {
    private let home: DaemonHome
    private let daemon: DaemonProcess

    init() throws {
        home = try DaemonHome(config: Checkout.file("protocol/scripts/agentd.toml"))
        daemon = try DaemonProcess(in: home)
    }

    @Test("gets a space for each silence of 250 ms between its half-close and the daemon's close, and no more")
    func halfClosedConnectionGetsASpaceForEachSilence() throws {
        let client = try daemon.connect()
        let start = ContinuousClock.now
        client.send(#"{"cmd":"run","agent":"long","input":"hi","run_id":"r1"}"#)
        client.halfClose()
        _ = try client.frame { $0["event"]?.string == "run_content" }
        // The model says nothing more.
        let deadline = Deadline(in: .seconds(60))
        while client.spaces < 4 {
            try #require(SocketClient.wait(for: [client], until: deadline))
            #expect(client.takeLine() == nil)
        }
        let passed = start.duration(to: .now)
        print(
            "half-close: \(client.spaces) spaces in \(passed), longest silence \(client.longestSilence(since: start))")
        #expect(client.spaces <= Int(passed / .milliseconds(250)))
        #expect(try daemon.connect().ask(#"{"cmd":"stop","run_id":"r1"}"#)["ok"]?.bool == true)
        #expect(try client.rest().last?["event"]?.string == "run_cancelled")
    }

    @Test("ends the run that was bound to it, with reason disconnect, when its client is killed in mid-stream")
    func runOfAKilledClientIsInterruptedWithReasonDisconnect() throws {
        // Its input stays open, so that only its death ends the connection.
        let shown = home.directory.file("shown")
        let command = #"{"cmd":"run","agent":"long","input":"hi","run_id":"r1"}"#
        let shell = try ChildProcess(
            ["sh", "-c", #"{ echo "$COMMAND"; exec sleep 600; } | socat - "UNIX-CONNECT:$SOCK""#],
            environment: ["COMMAND": command, "SOCK": home.socket], output: shown)
        let watcher = try daemon.connect()
        _ = try watcher.ask(#"{"cmd":"get","run_id":"r1"}"#) { $0["run"]?.object?["content"]?.string == "One moment." }
        shell.kill(SIGKILL)
        _ = try shell.wait()

        let run = try daemon.awaitEnd(of: "r1")
        #expect(run["status"]?.string == "interrupted")
        #expect(run["cancel_reason"]?.string == "disconnect")
        #expect(run["content"]?.string == "One moment.")
        let last = try LedgerFile(path: home.database).events(of: "r1").last
        #expect(last?.name == "run_cancelled")
    }

    @Test("leaves a run alone that was told to go on")
    func runThatWasToldToGoOnOutlivesItsClient() throws {
        let client = try daemon.connect()
        client.send(#"{"cmd":"run","agent":"slow","input":"hi","run_id":"r1","on_disconnect":"continue"}"#)
        _ = try client.frame { $0["event"]?.string == "run_started" }
        client.close()
        #expect(try daemon.awaitEnd(of: "r1")["status"]?.string == "completed")
    }
}
