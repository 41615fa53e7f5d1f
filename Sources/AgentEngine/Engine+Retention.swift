public import AgentProtocol

/// What nobody wants to be kept any longer goes by itself, a few conversations at a time.
extension Engine {
    /// Conversations of one bite.
    private static let erasedAtOnce = 8
    private static let betweenLooks = Duration.seconds(60)

    /// Begins to keep to a policy, a minute from now: by then a clock that was wrong at the start has been set. `told`
    /// hears what a look has taken away, and why it could not take more.
    public func retain(_ policy: RetentionPolicy, told: @escaping (Deletion, AgentError?) -> Void) {
        guard policy.age != nil || policy.bytes != nil else { return }
        let timer = environment.makeTimer { [unowned self] in look(policy, told) }
        retentionTimer = timer
        timer.arm(after: Self.betweenLooks)
    }

    private func look(_ policy: RetentionPolicy, _ told: @escaping (Deletion, AgentError?) -> Void) {
        guard !isDraining else { return }
        guard storageRefusal == nil else { return waitForNextLook() }
        var selections: [SessionSelection] = []
        if let age = policy.age {
            let before = now.milliseconds - Int64(age / .milliseconds(1))
            selections.append(.idle(since: Timestamp(milliseconds: before)))
        }
        if let bytes = policy.bytes { selections.append(.idlest(beyondBytes: bytes)) }
        erase(selections[...], Bite()) { [unowned self] total in
            waitForNextLook()
            // One that has become busy is looked at again.
            let refusal = total.refusal?.code == .sessionBusy ? nil : total.refusal
            if total.erased.sessions > 0 {
                journal.scrub { told(total.erased, refusal) }
            } else if refusal != nil {
                told(Deletion(), refusal)
            }
        }
    }

    private func waitForNextLook() { retentionTimer?.arm(after: Self.betweenLooks) }

    private func erase(_ selections: ArraySlice<SessionSelection>, _ before: Bite, _ done: @escaping (Bite) -> Void) {
        guard let selection = selections.first, !isDraining else { return done(before) }
        eraseSome(selection, for: nil, limit: Self.erasedAtOnce) { [unowned self] bite in
            var total = before
            total.erased.add(bite.erased)
            total.refusal = bite.refusal ?? total.refusal
            erase(bite.erased.sessions > 0 ? selections : selections.dropFirst(), total, done)
        }
    }
}
