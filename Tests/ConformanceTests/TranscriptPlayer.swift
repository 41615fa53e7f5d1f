import AgentTestKit
import Glibc

/// The player of the protocol folder, as a process.
struct TranscriptPlayer: CustomStringConvertible {
    /// How it ended.
    let ending: ChildProcess.Ending
    /// What it said.
    let text: String

    /// Plays every transcript and all bad input on a socket, with further options.
    init(_ options: [String], socket: String, in home: DaemonHome) throws(TestFailure) {
        let said = home.directory.file("player")
        let player = try ChildProcess(
            ["python3", "-B", Checkout.file("protocol/run_transcripts.py"), "--socket", socket] + options, output: said)
        ending = try player.wait(within: .seconds(Self.isThorough ? 3600 : 240))
        text = TemporaryDirectory.read(said)
    }

    /// Whether every write is cut at every byte, and not at some of them.
    static var isThorough: Bool { getenv("AGENTD_CUTS").map { String(cString: $0) } == "all" }

    /// The options for cutting what is written in every way.
    static var cutting: [String] { ["--cuts", isThorough ? "all" : "3", "--bytes", "--glued"] }

    /// Whether everything held, and something was played.
    var holds: Bool {
        ending == .exited(0) && text.split(separator: "\n").last?.hasSuffix(" passed, 0 failed") == true
    }

    /// What failed, for people.
    var description: String {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("ok ") }
        return "\(ending)\n\(lines.joined(separator: "\n"))"
    }
}
