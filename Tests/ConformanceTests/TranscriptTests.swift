import AgentTestKit
import Glibc
import Testing

@Suite("The contract in the protocol folder", .ownThread)
struct TranscriptTests {
    @Test("is kept by the built daemon, transcript by transcript, and again by the same daemon")
    func everyTranscriptHoldsTwiceInARowOnTheSameDaemon() throws {
        let home = try DaemonHome(config: Checkout.file("protocol/scripts/agentd.toml"))
        let daemon = try DaemonProcess(in: home)
        let transcripts = try Self.transcripts()
        #expect(transcripts > 0)
        for turn in 1...2 {
            let said = home.directory.file("player-\(turn)")
            let player = try ChildProcess(
                ["python3", Checkout.file("protocol/run_transcripts.py"), "--socket", home.socket], output: said)
            let ending = try player.wait(within: .seconds(120))
            let text = TemporaryDirectory.read(said)
            #expect(ending == .exited(0), "turn \(turn):\n\(text)\n\(daemon.log)")
            #expect(text.split(separator: "\n").last == "\(transcripts) passed, 0 failed")
        }
        #expect(try daemon.terminate() == .exited(0))
    }

    @Test("is what the sources are generated from")
    func generatedSourcesAgreeWithTheTables() throws {
        let directory = try TemporaryDirectory()
        let check = try ChildProcess(
            ["python3", Checkout.file("scripts/generate-protocol.py"), "--check"], output: directory.file("said"))
        let ending = try check.wait(within: .seconds(60))
        #expect(ending == .exited(0), "\(TemporaryDirectory.read(directory.file("said")))")
    }

    /// How many transcripts there are.
    private static func transcripts() throws(TestFailure) -> Int {
        guard let stream = opendir(Checkout.file("protocol/transcripts")) else { throw TestFailure("no transcripts") }
        defer { closedir(stream) }
        var count = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".ndjson") { count += 1 }
        }
        return count
    }
}
