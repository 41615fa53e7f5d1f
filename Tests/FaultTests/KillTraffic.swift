import AgentProtocol
import AgentTestKit

/// Fifty live runs over a couple of dozen connections, with stops, half-closes and hang-ups in between, until the
/// deadline.
struct KillTraffic {
    /// One connection and what it was told.
    private final class Lane {
        let client: SocketClient
        var ledger = ClientLedger()
        /// Whether more commands may be sent on it.
        var isOpen = true
        /// Whether a finished run is followed by another one in its session.
        var goesOn = false

        init(_ client: SocketClient) { self.client = client }
    }

    /// A run under way.
    private struct Live {
        let lane: Lane
        let session: String
        /// Frames after which it is stopped, or its connection closed.
        var fuse: Int?
        var hangsUp = false
        var frames = 0
    }

    private let daemon: DaemonProcess
    private let label: String
    private var numbers: SeededRandom
    private var lanes: [Lane] = []
    private var live: [String: Live] = [:]
    private var count = 0
    private var testimony = KillTestimony()
    /// Sessions that may be gone on with.
    private var sessions: [String]

    private init(_ daemon: DaemonProcess, label: String, sessions: [String], numbers: SeededRandom) {
        self.daemon = daemon
        self.label = label
        self.sessions = sessions
        self.numbers = numbers
    }

    /// Runs traffic for so long, kills the daemon, and takes what was still on its way.
    static func play(
        _ daemon: DaemonProcess, label: String, sessions: [String], until moment: Duration,
        numbers: inout SeededRandom
    ) throws(TestFailure) -> KillTestimony {
        var traffic = KillTraffic(daemon, label: label, sessions: sessions, numbers: numbers)
        defer { numbers = traffic.numbers }
        try traffic.open()
        let deadline = Deadline(in: moment)
        traffic.begin()
        while !deadline.hasPassed {
            SocketClient.wait(for: traffic.lanes.map(\.client), until: deadline)
            traffic.takeAll(reacting: true)
        }
        try daemon.crash()
        try traffic.drain()
        return traffic.testimony
    }

    private mutating func open() throws(TestFailure) {
        for _ in 0..<26 { lanes.append(Lane(try daemon.connect())) }
        for lane in lanes[14...] { lane.goesOn = true }
    }

    /// Twenty connections with one run each, five with six; the last one is for stops from elsewhere.
    private mutating func begin() {
        for (index, lane) in lanes[..<20].enumerated() {
            switch index {
            case 0..<6:
                ask(on: lane)
                lane.client.halfClose()
                lane.isOpen = false
            case 6..<9: ask(on: lane, more: #","stream":"none""#)
            case 9..<11: ask(on: lane, more: #","stream":"final""#)
            case 11..<14: ask(on: lane, hangsUp: true)
            case 14: ask(on: lane, more: #","on_disconnect":"continue""#, hangsUp: true)
            default: ask(on: lane)
            }
        }
        for lane in lanes[20..<25] { for _ in 0..<6 { ask(on: lane) } }
    }

    private mutating func ask(on lane: Lane, more: String = "", hangsUp: Bool = false, session: String? = nil) {
        count += 1
        let run = "r-\(label)-\(count)"
        // Now and then a conversation goes on that a kill broke off.
        let session = session ?? (count.isMultiple(of: 4) ? sessions.popLast() : nil)
        let name = session ?? "s-\(label)-\(count)"
        let echo = count.isMultiple(of: 2) ? #""id":"q\#(count)","# : ""
        let input = "question \(count) of \(label): \\\"ä\\\"\\n\\ud83d\\ude00"
        testimony.asked[run] = KillTestimony.Asked(
            input: "question \(count) of \(label): \"ä\"\n\u{1F600}", echo: echo)
        let agent = KillAgents.names.randomElement(using: &numbers)!
        let choice = session == nil ? #""agent":"\#(agent)","# : ""
        live[run] = Live(
            lane: lane, session: name,
            fuse: hangsUp || Bool.random(using: &numbers) ? Int.random(in: 0..<10, using: &numbers) : nil,
            hangsUp: hangsUp)
        lane.client.send(
            #"{"cmd":"run",\#(echo)"run_id":"\#(run)",\#(choice)"session_id":"\#(name)","input":"\#(input)"\#(more)}"#)
    }

    // MARK: What comes

    private mutating func takeAll(reacting: Bool) {
        for lane in lanes {
            while let line = lane.client.takeLine() {
                let replies = lane.ledger.replies.count
                let run = lane.ledger.add(line)
                if lane.ledger.replies.count > replies { testimony.take(reply: line) }
                guard reacting else { continue }
                if let run {
                    react(to: run, on: lane)
                } else if let run = ClientLedger.text(of: "run_id", in: line), live[run]?.fuse == 0 {
                    burn(run)
                }
            }
        }
    }

    private mutating func react(to run: String, on lane: Lane) {
        guard var state = live[run] else { return }
        state.frames += 1
        live[run] = state
        // Somebody else looks on now and then.
        if state.frames == 7 { lanes[25].client.send(#"{"cmd":"history","session_id":"\#(state.session)"}"#) }
        if lane.ledger.hasEnded(run) {
            live[run] = nil
            if lane.goesOn, lane.isOpen { ask(on: lane, session: state.session) }
        } else if let fuse = state.fuse, state.frames >= fuse {
            burn(run)
        }
    }

    /// Stops a run, from its own connection or from elsewhere; or hangs up on it.
    private mutating func burn(_ run: String) {
        guard let state = live[run] else { return }
        live[run]?.fuse = nil
        guard !state.hangsUp else {
            state.lane.client.close()
            state.lane.isOpen = false
            return
        }
        let lane = state.lane.isOpen && Bool.random(using: &numbers) ? state.lane : lanes[25]
        let bySession = Int.random(in: 0..<4, using: &numbers) == 0
        lane.client.send(
            bySession
                ? #"{"cmd":"stop","session_id":"\#(state.session)"}"#
                : #"{"cmd":"stop","run_id":"\#(run)","reason":"enough"}"#)
    }

    /// The daemon is dead: what it had handed to the kernel is still there.
    private mutating func drain() throws(TestFailure) {
        let deadline = Deadline(in: .seconds(10))
        while lanes.contains(where: { $0.client.descriptor >= 0 && !$0.client.isAtEnd }) {
            SocketClient.wait(for: lanes.map(\.client), until: deadline)
            if deadline.hasPassed { throw TestFailure("a dead daemon's connection does not end") }
        }
        takeAll(reacting: false)
        for lane in lanes {
            testimony.ledgers.append(lane.ledger)
            let torn = lane.client.tornLine
            if !torn.isEmpty { testimony.tornLines.append(torn) }
            lane.client.close()
        }
    }
}
