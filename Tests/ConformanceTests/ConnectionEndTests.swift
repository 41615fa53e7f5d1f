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

    @Test("is never silent for long between its half-close and the daemon's close")
    func halfClosedConnectionIsNeverSilentForLong() throws {
        let client = try daemon.connect()
        client.send(#"{"cmd":"run","agent":"slow","input":"hi"}"#)
        client.halfClose()
        let start = ContinuousClock.now
        let frames = try client.rest()
        #expect(frames.last?["event"]?.string == "run_completed")
        let silence = client.longestSilence(since: start)
        print("half-close: longest silence \(silence), \(client.spaces) spaces")
        // 250 ms is promised, 500 ms is where socat gives up.
        #expect(silence < .milliseconds(400))
        #expect(client.spaces >= 10)
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
