import AgentProtocol
import AgentTestKit

/// One connection of the kill tests: what it asked, and what it was told.
final class KillLane {
    /// What came.
    enum News {
        /// The reply to a command.
        case reply(KillCommand, JSONObject)
        /// An event of a run.
        case event(String)
    }

    /// The connection itself.
    let client: SocketClient
    /// What it was told.
    private(set) var ledger = ClientLedger()
    /// Whether more commands may be sent on it.
    private(set) var isOpen = true
    /// Whether a finished run is followed by another one in its session.
    var goesOn = false
    /// What no connection may be told, besides what its ledger finds.
    private(set) var violations: [String] = []
    /// Commands that have no reply yet, in order.
    private var unanswered: [KillCommand] = []

    /// A connection to a daemon.
    init(_ daemon: DaemonProcess) throws(TestFailure) { client = try daemon.connect() }

    /// Sends a command.
    func send(_ command: KillCommand) {
        unanswered.append(command)
        client.send(command.line)
    }

    /// Sends nothing more.
    func halfClose() {
        client.halfClose()
        isOpen = false
    }

    /// Goes away.
    func hangUp() {
        client.close()
        isOpen = false
    }

    /// Takes the next line that is whole; nil if there is none.
    func next() -> News? {
        while let line = client.takeLine() {
            let replies = ledger.replies.count
            if let run = ClientLedger.text(of: "run_id", in: line), ClientLedger.number(of: "seq", in: line) != nil,
                ledger.stream(of: run) == nil
            {
                violate("an event without a reply before it", line)
            }
            let run = ledger.add(line)
            if ledger.replies.count > replies, let news = take(reply: line) { return news }
            if let run { return .event(run) }
        }
        return nil
    }

    /// Replies come in the order of the commands.
    private func take(reply line: [UInt8]) -> News? {
        guard let reply = try? JSONReader.read(line).object, !unanswered.isEmpty else {
            violate("not a reply to anything", line)
            return nil
        }
        let command = unanswered.removeFirst()
        if reply["cmd"]?.string != command.name || reply["id"]?.string != command.id {
            violate("not the reply to \(command.line)", line)
        }
        if reply["ok"]?.bool == true { begin(command, reply) }
        return .reply(command, reply)
    }

    private func begin(_ command: KillCommand, _ reply: JSONObject) {
        let stream: (after: Int64, delivery: KillCommand.Delivery)
        switch command.kind {
        case .run(let delivery): stream = (0, delivery)
        case .attach(let after, let delivery): stream = (after ?? reply["last_seq"]?.int64 ?? 0, delivery)
        default: return
        }
        guard stream.delivery != .none, let run = reply["run_id"]?.string else { return }
        ledger.begin(
            ClientLedger.Stream(
                run: run, after: stream.after, echo: command.echo, isFinal: stream.delivery == .final))
    }

    private func violate(_ what: String, _ line: [UInt8]) {
        violations.append("\(what): \(String(decoding: line.prefix(300), as: UTF8.self))")
    }
}
