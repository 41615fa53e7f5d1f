import AgentTestKit
import Glibc
import Testing

@Suite("The contract in the protocol folder", .ownThread)
struct TranscriptTests {
    private let home: DaemonHome

    init() throws {
        home = try DaemonHome(config: Checkout.file("protocol/scripts/agentd.toml"))
    }

    @Test("is kept by the built daemon, also when it is killed, and again on the same ledger")
    func everyTranscriptHoldsTwiceInARowOnTheSameLedger() throws {
        let serve = [
            try DaemonProcess.binary(), "serve", "--config", Checkout.file("protocol/scripts/agentd.toml"), "--socket",
            home.socket, "--state-dir", home.state, "--log-level", "error",
        ]
        let player = try TranscriptPlayer(
            ["--serve", serve.joined(separator: " "), "--times", "2"], socket: home.socket, in: home)
        #expect(player.holds)
        #expect(!player.text.contains("skip"))
    }

    @Test("is kept by the built daemon however the lines are cut")
    func everyTranscriptBringsTheSameFramesHoweverItsBytesAreCut() throws {
        let daemon = try DaemonProcess(in: home)
        let player = try TranscriptPlayer(TranscriptPlayer.cutting, socket: home.socket, in: home)
        #expect(player.holds, "\(daemon.log)")
        #expect(try daemon.terminate() == .exited(0))
    }

    @Test("is kept by the house in this process")
    func everyTranscriptHoldsInProcess() async throws {
        LoopFixture.start()
        let house = try await HouseInProcess(HouseInProcess.settings(in: home))
        let player = try TranscriptPlayer(["--glued", "--busy"], socket: home.socket, in: home)
        #expect(player.holds)
        try await house.close()
    }

    @Test("is what the sources are generated from, and says of every promise which vector guards it")
    func generatedSourcesAndVectorsAgreeWithTheContract() throws {
        for script in ["scripts/generate-protocol.py --check", "scripts/check-vectors.py", "protocol/fold.py"] {
            let said = home.directory.file("said")
            let check = try ChildProcess(["sh", "-c", "exec python3 -B \(Checkout.root)/\(script)"], output: said)
            let ending = try check.wait(within: .seconds(60))
            #expect(ending == .exited(0), "\(script): \(TemporaryDirectory.read(said))")
        }
    }
}
