import AgentProtocol

/// What a full disk means: nothing new begins, what works ends while there is still space for its end, and what waits
/// goes on waiting.
extension Engine {
    func storageChanged(_ condition: StorageCondition) {
        isStorageFull = condition == .full
        // In their order, so that a rehearsal takes the same course each time.
        let open = runs.values.sorted { $0.order < $1.order }
        if isStorageFull {
            for run in open where run.isWorking { run.storageIsFull() }
        } else {
            for run in open { advance(run.record.sessionID) }
            fillSlots()
        }
    }

    /// Why no run is accepted while the disk is full; nil when it is not.
    var storageRefusal: AgentError? {
        isStorageFull ? AgentError(.storageError, "the disk is full: nothing new is kept until it has space") : nil
    }
}
