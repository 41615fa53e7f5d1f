import AgentProtocol
import AgentTestKit
import Glibc

/// Fifty live runs over a couple of dozen connections, with lines behind some of them, and with observers, stops,
/// repeated commands, deletions, half-closes and hang-ups in between, until the deadline.
struct KillTraffic {
    /// A run under way, as far as its client has seen.
    struct Live {
        let lane: KillLane
        let session: String
        /// Frames after which it is stopped, or its connection closed.
        var fuse: Int?
        let hangsUp: Bool
        var frames = 0
    }

    let daemon: DaemonProcess
    let label: String
    var numbers: SeededRandom
    var testimony = KillTestimony()
    /// What is known to be under way.
    var live: [String: Live] = [:]
    /// Sessions of earlier cycles that may be gone on with, or deleted.
    var sessions: [String]
    /// Sessions in which runs wait for each other, and the runs that were asked for there.
    var lines: [String: [String]] = [:]
    /// Sessions that must not be deleted: a command for them may still be on its way.
    var kept: Set<String> = []
    /// Connections with one run or several, as `begin` tells.
    private var lanes: [KillLane] = []
    /// Connections of those that stand in line; the last one hangs up.
    private(set) var lineLanes: [KillLane] = []
    /// Connections that attach, and send commands of others again.
    private(set) var observers: [KillLane] = []
    /// The connection of those who stop and delete what is not theirs.
    private(set) var warden: KillLane
    private var count = 0

    private init(
        _ daemon: DaemonProcess, label: String, sessions: [String], numbers: SeededRandom
    ) throws(TestFailure) {
        self.daemon = daemon
        self.label = label
        self.sessions = sessions
        self.numbers = numbers
        for _ in 0..<25 { lanes.append(try KillLane(daemon)) }
        for _ in 0..<3 { lineLanes.append(try KillLane(daemon)) }
        for _ in 0..<2 { observers.append(try KillLane(daemon)) }
        warden = try KillLane(daemon)
    }

    /// Runs traffic for so long, kills the daemon, and takes what was still on its way.
    static func play(
        _ daemon: DaemonProcess, label: String, sessions: [String], until moment: Duration,
        numbers: inout SeededRandom
    ) throws(TestFailure) -> KillTestimony {
        var traffic = try KillTraffic(daemon, label: label, sessions: sessions, numbers: numbers)
        defer { numbers = traffic.numbers }
        let deadline = Deadline(in: moment)
        traffic.begin()
        traffic.beginLines()
        while !deadline.hasPassed {
            SocketClient.wait(for: traffic.all.map(\.client), until: deadline)
            traffic.takeAll(reacting: true)
        }
        try daemon.crash()
        traffic.testimony.death = now
        try traffic.drain()
        return traffic.testimony
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private var all: [KillLane] { lanes + lineLanes + observers + [warden] }

    /// Twenty connections with one run each, five with four.
    private mutating func begin() {
        for lane in lanes[14...] { lane.goesOn = true }
        for (index, lane) in lanes[..<20].enumerated() {
            switch index {
            case 0..<6:
                ask(on: lane)
                lane.halfClose()
            case 6..<9: ask(on: lane, .none)
            case 9..<11: ask(on: lane, .final)
            case 11..<14: ask(on: lane, hangsUp: true)
            case 14: ask(on: lane, more: #","on_disconnect":"continue""#, hangsUp: true)
            default: ask(on: lane)
            }
        }
        for lane in lanes[20...] { for _ in 0..<4 { ask(on: lane) } }
    }

    /// A number that no other command of this cycle has.
    mutating func nextNumber() -> Int {
        count += 1
        return count
    }

    // MARK: What comes

    private mutating func takeAll(reacting: Bool) {
        for lane in all {
            while let news = lane.next() {
                switch news {
                case .reply(let command, let reply):
                    testimony.take(reply, to: command)
                    guard reacting, let run = command.run, case .run = command.kind else { continue }
                    if live[run]?.fuse == 0 { burn(run) }
                    if chance(12), reply["ok"]?.bool == true { sendAgain(run) }
                case .event(let run): if reacting { react(to: run, on: lane) }
                }
            }
        }
    }

    private mutating func react(to run: String, on lane: KillLane) {
        guard var state = live[run], state.lane === lane else { return }
        state.frames += 1
        live[run] = state
        let seq = lane.ledger.stream(of: run)?.last ?? 0
        // Somebody else looks on now and then.
        if state.frames == 7 { askHistory(of: state.session) }
        if state.frames == 3 || state.frames == 9, chance(4) { observe(run, seq: seq) }
        if state.frames == 5, chance(10), let old = sessions.popLast() { delete(old) }
        if state.frames == 4, lines[state.session] != nil { disturbLine(state.session) }
        if lane.ledger.hasEnded(run) {
            live[run] = nil
            ended(run, state, seq: seq)
        } else if let fuse = state.fuse, state.frames >= fuse {
            burn(run)
        }
    }

    private mutating func ended(_ run: String, _ state: Live, seq: Int64) {
        if chance(6) { observe(run, seq: seq) }
        if chance(12) { sendAgain(run) }
        if lines[state.session] != nil {
            joinLine(of: state.session)
        } else if state.lane.goesOn {
            if state.lane.isOpen { ask(on: state.lane, session: state.session) }
        } else if chance(2) {
            delete(state.session)
        }
    }

    /// The daemon is dead: what it had handed to the kernel is still there.
    private mutating func drain() throws(TestFailure) {
        let deadline = Deadline(in: .seconds(10))
        while all.contains(where: { $0.client.descriptor >= 0 && !$0.client.isAtEnd }) {
            SocketClient.wait(for: all.map(\.client), until: deadline)
            if deadline.hasPassed { throw TestFailure("a dead daemon's connection does not end") }
        }
        takeAll(reacting: false)
        for lane in all {
            testimony.take(lane)
            lane.hangUp()
        }
    }
}
