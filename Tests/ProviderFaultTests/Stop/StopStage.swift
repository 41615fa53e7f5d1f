import AgentHTTP
import AgentLoop
import AgentProtocol
import AgentTestKit

/// A provider that never gets beyond one phase, and a house that asks it.
@LoopActor final class StopStage {
    let phase: StopPhase
    let house: FaultHouse
    private let server: ProviderServer
    private let queue = FullQueue()
    private let format: WireFormat
    private let caller = WorkerThread(name: "test-caller")

    init(_ phase: StopPhase, _ format: WireFormat) {
        self.phase = phase
        self.format = format
        let server = ProviderServer { connection, _ in
            if phase == .streaming {
                connection.sendStreamHead()
                connection.sendChunk(ModelStream(format, first: "so ").events(upTo: .midText).flatMap { $0 })
                let more = format.text("much ")
                connection.keepSending(every: 1) {
                    Array("\(String(more.count, radix: 16))\r\n".utf8) + more + Array("\r\n".utf8)
                }
            } else {
                connection.waitForClose()
            }
        }
        self.server = server
        let url =
            switch phase {
            case .resolving: "http://a-name-that-nobody-has.invalid"
            case .connecting: queue.url
            case .handshake: "https://127.0.0.1:\(server.port)"
            case .firstByte, .streaming: server.url
            }
        house = FaultHouse(provider: FaultHouse.provider(FaultHouse.endpoint(format, url: url)))
    }

    /// What one stop took.
    struct Times {
        /// Until the provider's connection was closed; until the call returned where there is none.
        let closed: Duration
        /// Until the run's last event was told.
        let told: Duration
    }

    /// Starts a run, waits for the phase and stops it; nil when something is not as it should be. So many requests of
    /// others may be under way.
    func stop(meanwhile others: Int = 0) async -> Times? {
        let seen = server.connectionCount
        let connecting = phase == .connecting ? KernelSockets.connecting(to: queue.port) : nil
        let listener = RunListener()
        guard await reach(listener, seen: seen, connecting: connecting), let stopped else { return nil }
        let clock = stopped.at
        let returned = stopped.returned
        guard await eventually({ listener.isOver }) else { return nil }
        let told = ContinuousClock.now - clock
        guard listener.terminal?.kind == .runCancelled, FaultHouse.client.liveExchanges <= others else { return nil }
        guard phase.hasConnection else {
            if phase == .connecting, !(await eventually { KernelSockets.connecting(to: queue.port) == connecting }) {
                return nil
            }
            return Times(closed: returned, told: told)
        }
        let connection = server.connections[seen]
        guard await eventually({ connection.endedAt != nil }), let ended = connection.endedAt else { return nil }
        return Times(closed: ended - clock, told: told)
    }

    /// The last stop: when it was asked for, and how long it took until the call had returned.
    private var stopped: (at: ContinuousClock.Instant, returned: Duration)?

    private var listener: RunListener?

    private func stop(askedFor clock: ContinuousClock.Instant) {
        guard let listener else { return }
        house.stop(listener)
        stopped = (clock, ContinuousClock.now - clock)
    }

    /// Asks for the stop from another thread, so that the turn which the loop is in counts as well.
    private nonisolated func askForStop() {
        let clock = ContinuousClock.now
        EventLoop.post { [self] in stop(askedFor: clock) }
    }

    /// Starts a run, and stops it when the phase is reached; false when it is not.
    private func reach(_ listener: RunListener, seen: Int, connecting: Int?) async -> Bool {
        stopped = nil
        self.listener = listener
        if phase == .resolving {
            // A look-up may be over within a millisecond: the stop comes in the turn after the one that begins it.
            listener.onEvent = { [unowned self] kind in
                if kind == .runStarted { askForStop() }
            }
        }
        house.run(listener: listener)
        guard phase != .resolving else { return await eventually { stopped != nil } }
        guard await eventually({ isReached(listener, seen: seen, connecting: connecting) }) else { return false }
        caller.submit { [self] in askForStop() }
        return await eventually { stopped != nil }
    }

    private func isReached(_ listener: RunListener, seen: Int, connecting: Int?) -> Bool {
        switch phase {
        case .resolving: false
        case .connecting:
            FaultHouse.client.liveExchanges == 1
                && (connecting == nil || KernelSockets.connecting(to: queue.port) != connecting)
        case .handshake, .firstByte: server.connectionCount > seen && server.connections[seen].receivedBytes > 0
        case .streaming: listener.contentBytes > 0
        }
    }

    func close() async {
        await house.close()
        caller.close()
        server.close()
    }
}
