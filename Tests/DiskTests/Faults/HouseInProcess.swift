import AgentLoop
import AgentStore
import AgentTestKit
import Logging

@testable import agentd

/// The whole daemon but for its process: everything behind the socket, put together as `serve` does it.
@LoopActor final class HouseInProcess {
    /// What the ledger said when it could no longer be written. The daemon ends at that moment, and so does the house.
    private(set) var failure: StoreError?
    private var house: Composition?
    private weak var last: Composition?

    /// Starts the house. When its ledger fails, everything on the disk fails from then on, as if the process were gone.
    init(_ settings: DaemonSettings, on disk: FaultyDisk?) throws {
        let house = try Composition(settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.house = house
        last = house
        house.onLedgerFailure { [unowned self, weak disk] error in
            failure = error
            disk?.kill()
            do {
                try letGo()
            } catch {
                preconditionFailure("a ledger that has failed has nothing to write when it is closed: \(error)")
            }
        }
    }

    /// Ends the house, as a drain does whose time is over; throws what the daemon would exit for.
    func close() async throws {
        house?.drain(grace: .zero)
        house?.endAllRuns()
        for _ in 0..<500 where !(house?.isQuiet ?? true) { await nextMillisecond() }
        try letGo()
    }

    /// Waits until nothing of the house is left; false when something still holds it.
    func isGone() async -> Bool { await eventually { last == nil } }

    private func letGo() throws {
        guard let house else { return }
        // No timer of a run may fire any more; and the turn under way still holds on to the house.
        house.endAllRuns()
        self.house = nil
        EventLoop.post { withExtendedLifetime(house) {} }
        try house.close()
    }
}
