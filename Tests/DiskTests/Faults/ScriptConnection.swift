import AgentProtocol
import AgentTestKit

/// One connection of a script, and everything that came on it.
final class ScriptConnection {
    /// How long anything may take; what takes longer hangs.
    static let patience = Duration.seconds(20)
    /// After so long a silence a disk that is full has room again.
    private static let fullFor = Duration.milliseconds(250)

    /// Everything that came.
    private(set) var told = ClientLedger()
    /// Whether the house ended the connection.
    private(set) var isCut = false
    private let client: SocketClient
    private let makeRoom: () -> Void
    private var answers = 0

    /// Connects. `makeRoom` is called when nothing comes for a while.
    init(_ socket: String, makeRoom: @escaping () -> Void) throws(TestFailure) {
        client = try SocketClient(path: socket)
        self.makeRoom = makeRoom
    }

    func close() { client.close() }

    /// Gives a command and waits for its reply; nil when the house ends first.
    func ask(_ command: String) throws(TestFailure) -> JSONObject? {
        client.send(command)
        let number = answers
        try wait(for: "the reply to \(command)") { $0.told.replies.count > number }
        guard told.replies.count > number else { return nil }
        answers += 1
        guard let reply = try? JSONReader.read(told.replies[number]).object else {
            throw TestFailure("\(command) is answered with no object")
        }
        guard reply["ok"]?.bool == true || reply["error"]?.object?["code"]?.string != nil else {
            throw TestFailure("\(command) is refused without a code: \(reply)")
        }
        return reply
    }

    /// Asks again and again, until a reply is as it should be; nil when the house ends first.
    func ask(_ command: String, until holds: (JSONObject) -> Bool) throws(TestFailure) -> JSONObject? {
        let deadline = Deadline(in: Self.patience)
        let silence = Deadline(in: Self.fullFor)
        while let reply = try ask(command) {
            if holds(reply) { return reply }
            if deadline.hasPassed { throw TestFailure("\(command) is still answered with \(reply)") }
            if silence.hasPassed { makeRoom() }
            _ = SocketClient.wait(for: [client], until: Deadline(in: .milliseconds(5)))
        }
        return nil
    }

    /// Takes what comes until a condition holds, or until the house has ended.
    func wait(for what: String, until holds: (ScriptConnection) -> Bool) throws(TestFailure) {
        let deadline = Deadline(in: Self.patience)
        while !isCut, !holds(self) {
            if let line = client.takeLine() {
                told.add(line)
            } else if client.isAtEnd {
                isCut = true
            } else if deadline.hasPassed {
                throw TestFailure("nothing more came, \(what) is missing")
            } else if !SocketClient.wait(for: [client], until: Deadline(in: Self.fullFor)) {
                makeRoom()
            }
        }
    }
}
