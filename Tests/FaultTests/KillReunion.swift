import AgentTestKit

/// What the clients do after a restart: each goes on where it was cut off, and those that got no reply ask again.
struct KillReunion {
    /// Runs whose events one connection reads; a connection has 64 streams.
    private static let streams = 60

    private let daemon: DaemonProcess
    private var testimony: KillTestimony
    private var numbers: SeededRandom
    private var lanes: [KillLane] = []
    private var count = 0

    /// Plays it to the end of every run.
    static func play(
        _ daemon: DaemonProcess, _ testimony: inout KillTestimony, numbers: inout SeededRandom
    ) throws(TestFailure) {
        var reunion = KillReunion(daemon: daemon, testimony: testimony, numbers: numbers)
        reunion.testimony.isAfterRestart = true
        try reunion.askAgain()
        try reunion.attach()
        try reunion.take()
        testimony = reunion.testimony
        numbers = reunion.numbers
    }

    private init(daemon: DaemonProcess, testimony: KillTestimony, numbers: SeededRandom) {
        self.daemon = daemon
        self.testimony = testimony
        self.numbers = numbers
    }

    /// Those that got no reply do not know whether there is a run; some that got one ask all the same.
    private mutating func askAgain() throws(TestFailure) {
        let runs = testimony.order.filter { run in
            guard let session = testimony.asked[run]?.session, testimony.deletions[session] == nil else { return false }
            return testimony.accepted[run] == nil || Int.random(in: 0..<8, using: &numbers) == 0
        }
        try spread(runs) { run, id, testimony, _ in
            KillCommand(
                kind: .run(.full), run: run, session: testimony.asked[run]?.session, id: id,
                members: testimony.asked[run]?.members ?? "")
        }
    }

    /// Every run that was accepted is read to its end: from where somebody was, or for some from the beginning.
    private mutating func attach() throws(TestFailure) {
        var known: [String: [Int64]] = [:]
        for stream in testimony.streams where !stream.isFinal { known[stream.run, default: [0]].append(stream.last) }
        try spread(testimony.order.filter { testimony.accepted[$0] != nil }) { run, id, _, numbers in
            let after = known[run]?.dropFirst(Int.random(in: 0..<8, using: &numbers) == 0 ? 0 : 1).first ?? 0
            let delivery = Int.random(in: 0..<12, using: &numbers) == 0 ? KillCommand.Delivery.final : .full
            return KillCommand(
                kind: .attach(after: after, delivery), run: run, id: id,
                members: #""run_id":"\#(run)","after":\#(after),"stream":"\#(delivery.rawValue)""#)
        }
    }

    /// Sends a command for each run, in their order, over as many connections as it takes.
    private mutating func spread(
        _ runs: [String], _ command: (String, String, KillTestimony, inout SeededRandom) -> KillCommand
    ) throws(TestFailure) {
        var lane: KillLane?
        for (index, run) in runs.enumerated() {
            if index % Self.streams == 0 {
                lane?.halfClose()
                lane = nil
            }
            if lane == nil { lanes.append(try KillLane(daemon)) }
            lane = lanes.last
            count += 1
            lane?.send(command(run, "back\(count)", testimony, &numbers))
        }
        lane?.halfClose()
    }

    /// The daemon closes a connection when every stream on it has ended.
    private mutating func take() throws(TestFailure) {
        let deadline = Deadline(in: .seconds(20))
        while lanes.contains(where: { !$0.client.isAtEnd }), !deadline.hasPassed {
            SocketClient.wait(for: lanes.map(\.client), until: deadline)
        }
        for lane in lanes {
            if !lane.client.isAtEnd { testimony.complain("a stream has no end after the restart") }
            while let news = lane.next() {
                if case .reply(let command, let reply) = news { testimony.take(reply, to: command) }
            }
            testimony.take(lane)
        }
    }
}
