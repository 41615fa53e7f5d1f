import AgentTestKit

/// What the clients of the kill tests do.
extension KillTraffic {
    /// One time out of so many.
    mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &numbers) == 0 }

    /// Asks for a run, in a conversation of its own unless one is named.
    mutating func ask(
        on lane: KillLane, _ delivery: KillCommand.Delivery = .full, more: String = "", hangsUp: Bool = false,
        session: String? = nil
    ) {
        // Now and then a conversation goes on that a kill broke off.
        let number = nextNumber()
        let session = session ?? (number.isMultiple(of: 4) ? sessions.popLast() : nil)
        let agent = session == nil ? KillAgents.names.randomElement(using: &numbers) : nil
        send(
            number, on: lane, session: session ?? "s-\(label)-\(number)", agent: agent, onBusy: "reject", delivery,
            more: more, hangsUp: hangsUp)
    }

    private mutating func send(
        _ number: Int, on lane: KillLane, session: String, agent: String?, onBusy: String,
        _ delivery: KillCommand.Delivery, more: String, hangsUp: Bool
    ) {
        let run = "r-\(label)-\(number)"
        let input = "question \(number) of \(label): \\\"ä\\\"\\n\\ud83d\\ude00"
        let choice = agent.map { #","agent":"\#($0)""# } ?? ""
        let members =
            #""run_id":"\#(run)","session_id":"\#(session)","input":"\#(input)","on_busy":"\#(onBusy)"\#(choice)"#
        testimony.order.append(run)
        testimony.asked[run] = KillTestimony.Asked(
            input: "question \(number) of \(label): \"ä\"\n\u{1F600}", session: session, members: members,
            isInFront: onBusy == "replace", isBound: delivery != .none && more.isEmpty)
        live[run] = Live(
            lane: lane, session: session,
            fuse: hangsUp || lines[session] == nil && chance(2) ? Int.random(in: 0..<10, using: &numbers) : nil,
            hangsUp: hangsUp)
        lines[session]?.append(run)
        lane.send(
            KillCommand(
                kind: .run(delivery), run: run, session: session, id: number.isMultiple(of: 2) ? "q\(number)" : nil,
                members: members + #","stream":"\#(delivery.rawValue)"\#(more)"#))
    }

    /// Sends a command again that was replied to, on a connection of somebody else or on its own.
    mutating func sendAgain(_ run: String) {
        guard let asked = testimony.asked[run], testimony.deletions[asked.session] == nil else { return }
        kept.insert(asked.session)
        let own = live[run]?.lane
        let lane = own?.isOpen == true && chance(2) ? own! : observers.randomElement(using: &numbers)!
        lane.send(
            KillCommand(
                kind: .run(.full), run: run, session: asked.session, id: "again\(nextNumber())", members: asked.members)
        )
    }

    /// Attaches to a run of which somebody has read so much.
    mutating func observe(_ run: String, seq: Int64) {
        let after: Int64? = [0, seq / 2, seq, nil].randomElement(using: &numbers)!
        let delivery = chance(6) ? KillCommand.Delivery.final : .full
        let place = after.map { "\($0)" } ?? #""tail""#
        observers.randomElement(using: &numbers)!.send(
            KillCommand(
                kind: .attach(after: after, delivery), run: run, id: "watch\(nextNumber())",
                members: #""run_id":"\#(run)","after":\#(place),"stream":"\#(delivery.rawValue)""#))
    }

    /// Reads what was said in a conversation, and what is being said.
    mutating func askHistory(of session: String) {
        warden.send(
            KillCommand(kind: .history, session: session, id: nil, members: #""session_id":"\#(session)""#))
    }

    /// Deletes a conversation whose runs are known to have ended.
    mutating func delete(_ session: String) {
        guard !kept.contains(session), testimony.deletions[session] == nil else { return }
        testimony.deletions[session] = false
        warden.send(
            KillCommand(
                kind: .delete, session: session, id: "delete\(nextNumber())", members: #""session_id":"\#(session)""#))
    }

    /// Stops a run, from its own connection or from elsewhere; or hangs up on it.
    mutating func burn(_ run: String) {
        guard let state = live[run] else { return }
        live[run]?.fuse = nil
        guard !state.hangsUp else { return hangUp(state.lane) }
        let lane = state.lane.isOpen && chance(2) ? state.lane : warden
        stop(
            on: lane, state.session,
            chance(4) ? #""session_id":"\#(state.session)""# : #""run_id":"\#(run)","reason":"enough""#)
    }

    private mutating func hangUp(_ lane: KillLane) {
        testimony.released.formUnion(live.filter { $0.value.lane === lane }.keys)
        lane.hangUp()
    }

    private mutating func stop(on lane: KillLane, _ session: String, _ members: String) {
        testimony.stoppedSessions.insert(session)
        lane.send(KillCommand(kind: .stop, session: session, id: nil, members: members))
    }

    // MARK: The line

    /// Three conversations with a line each: runs that are bound to their connections, and runs that are not.
    mutating func beginLines() {
        for index in 0..<3 {
            let number = nextNumber()
            let session = "s-\(label)-\(number)"
            lines[session] = []
            send(
                number, on: lineLanes[index], session: session,
                agent: KillAgents.linedUp.randomElement(using: &numbers),
                onBusy: "queue", .full, more: "", hangsUp: false)
            for _ in 0..<Int.random(in: 2...4, using: &numbers) { joinLine(of: session, on: lineLanes[index]) }
        }
    }

    /// One more run waits, or begins where nobody waits any more.
    mutating func joinLine(of session: String, on lane: KillLane? = nil, onBusy: String = "queue") {
        guard let lane = lane ?? lineLanes.filter(\.isOpen).randomElement(using: &numbers) else { return }
        let manner = [(KillCommand.Delivery.full, ""), (.full, #","on_disconnect":"continue""#), (.none, "")]
            .randomElement(using: &numbers)!
        let hangsUp = lane === lineLanes.last && chance(4)
        send(
            nextNumber(), on: lane, session: session, agent: nil, onBusy: onBusy, manner.0, more: manner.1,
            hangsUp: hangsUp)
    }

    /// Somebody pushes to the front, or stops one that waits, or all.
    mutating func disturbLine(_ session: String) {
        switch Int.random(in: 0..<5, using: &numbers) {
        case 0: joinLine(of: session, onBusy: "replace")
        case 1: stop(on: warden, session, #""session_id":"\#(session)","all":true"#)
        case 2:
            let waiting = lines[session, default: []].filter { testimony.accepted[$0] != nil }
            guard let run = waiting.last else { return }
            stop(on: warden, session, #""run_id":"\#(run)","reason":"not any more""#)
        default: return
        }
        joinLine(of: session)
    }
}
