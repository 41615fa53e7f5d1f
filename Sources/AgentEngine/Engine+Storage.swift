import AgentProtocol

/// What a full disk means: nothing new begins, and what is live ends while there is still space for its end.
extension Engine {
    func storageChanged(_ condition: StorageCondition) {
        isStorageFull = condition == .full
        guard isStorageFull else { return }
        // Sorted, so that a rehearsal takes the same course each time.
        for run in runs.values.sorted(by: { $0.record.runID.text < $1.record.runID.text }) { run.storageIsFull() }
    }

    /// Why no run is accepted while the disk is full; nil when it is not.
    var storageRefusal: AgentError? {
        isStorageFull ? AgentError(.storageError, "the disk is full: new runs wait until it has space") : nil
    }
}
