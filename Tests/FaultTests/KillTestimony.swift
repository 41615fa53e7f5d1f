import AgentProtocol
import AgentTestKit

/// What the clients of one cycle were told: accepted runs, stops, and every frame.
struct KillTestimony {
    /// A run that a client asked for.
    struct Asked {
        let input: String
        /// The `id` of the command, as it stands in every frame: `"id":…,` or nothing.
        let echo: String
    }

    /// What each connection received.
    var ledgers: [ClientLedger] = []
    /// The beginnings of lines that the kill cut off.
    var tornLines: [[UInt8]] = []
    /// Commands by the name that they gave their run.
    var asked: [String: Asked] = [:]
    /// Accepted runs, and the session that each was said to be in.
    var accepted: [String: String] = [:]
    /// Acknowledged stops: run, and the status that the reply named.
    var stops: [(run: String, status: String)] = []
    /// Messages that `history` told while their runs were live.
    var told: [JSONObject] = []
    /// Replies that are no acceptance and should be.
    var refusals: [String] = []

    /// Events that were received.
    var frames: Int { ledgers.reduce(0) { $0 + $1.frames } }

    /// Takes a reply.
    mutating func take(reply line: [UInt8]) {
        let reply = (try? JSONReader.read(line))?.object
        switch (reply?["cmd"]?.string, reply?["ok"]?.bool, reply?["run_id"]?.string) {
        case ("run", true, let run?): accepted[run] = reply?["session_id"]?.string ?? ""
        case ("stop", true, let run?): stops.append((run, reply?["status"]?.string ?? ""))
        case ("history", true, _): told += reply?["messages"]?.array?.compactMap(\.object) ?? []
        default: refusals.append(String(decoding: line, as: UTF8.self))
        }
    }
}
