import AgentLoop
import AgentProtocol
import AgentTestKit

/// Runs one trial at one position in one wire format.
@LoopActor enum FaultRun {
    /// What is not as the table says.
    static func problems(
        _ trial: FaultTrial, _ position: FaultPosition, _ format: WireFormat, heals: Bool
    ) async -> [String] {
        let fault = trial.fault
        let stream = fault.stream?(format) ?? Sample.stream(format, position)
        let saidAll = Signal()
        let reached = Signal()
        let isSaid = Sample.said(position).isEmpty || fault.stream != nil
        let provider = FaultyProvider(stream: stream, at: position, times: heals ? 1 : .max, greet: fault.greet) {
            scene in
            // What was sent has been heard: the fault cannot overtake it.
            if !isSaid { saidAll.wait() }
            reached.set()
            return fault.inject(scene)
        }
        let log = LogCapture()
        let url = fault.address?(provider.server) ?? provider.server.url
        let house = FaultHouse(
            provider: FaultHouse.provider(
                FaultHouse.endpoint(format, url: url, fault.tune), logger: log.logger),
            timeLimit: fault.timeLimit)
        let listener = RunListener()
        let said = Sample.said(position)
        listener.onEvent = { [unowned listener] kind in
            guard kind == .runContent, !saidAll.isSet else { return }
            let text = listener.events.reduce(into: "") { $0 += $1.kind == .runContent ? $1["content"] ?? "" : "" }
            if text.hasPrefix(said) { saidAll.set() }
        }
        house.run(listener: listener)

        var problems: [String] = []
        switch fault.stop {
        case .never: break
        case .atPlace:
            if !(await eventually { reached.isSet }) { problems.append("the place is not reached") }
            house.stop(listener)
        case .atRetry:
            if !(await eventually { listener.events.contains { $0.kind == .runRetrying } }) {
                problems.append("nothing is made again")
            }
            house.stop(listener)
        }
        if !(await eventually { listener.isOver }) { problems.append("the run does not end") }
        if fault.staysOpen, !heals {
            let isClosed = await eventually { provider.server.connections.allSatisfy { $0.endedAt != nil } }
            if !isClosed { problems.append("the provider's connection stays open") }
        }
        await house.close()
        await nextMillisecond()
        let connections = provider.server.connectionCount
        provider.close()
        let evidence = FaultEvidence(
            position: position, events: listener.events, arrivals: provider.arrivals,
            connections: connections, log: log.all)
        problems += FaultVerdict.problems(trial, stream, heals: heals, evidence)
        return problems + house.violations.found
    }
}
