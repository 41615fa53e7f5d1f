internal import AgentProtocol

/// What nobody wants to be kept any longer goes by itself, a few conversations at a time.
extension Engine {
    /// Conversations of one bite: they are erased in one transaction.
    private static let erasedAtOnce = 8
    private static let betweenLooks = Duration.seconds(60)

    /// Begins to keep to a policy; `erased` is told what a look has taken away.
    public func retain(_ policy: RetentionPolicy, erased: @escaping (Deletion) -> Void) {
        guard policy.age != nil || policy.bytes != nil else { return }
        let timer = environment.makeTimer { [unowned self] in look(policy, erased) }
        retentionTimer = timer
        timer.arm(after: .zero)
    }

    private func look(_ policy: RetentionPolicy, _ erased: @escaping (Deletion) -> Void) {
        guard !isDraining else { return }
        guard storageRefusal == nil else { return waitForNextLook() }
        var selections: [SessionSelection] = []
        if let age = policy.age {
            let before = now.milliseconds - Int64(age / .milliseconds(1))
            selections.append(.idle(since: Timestamp(milliseconds: before)))
        }
        if let bytes = policy.bytes { selections.append(.idlest(beyondBytes: bytes)) }
        erase(selections[...], Deletion()) { [unowned self] total in
            waitForNextLook()
            guard total.sessions > 0 else { return }
            journal.scrub { erased(total) }
        }
    }

    private func waitForNextLook() { retentionTimer?.arm(after: Self.betweenLooks) }

    private func erase(
        _ selections: ArraySlice<SessionSelection>, _ before: Deletion, _ done: @escaping (Deletion) -> Void
    ) {
        guard let selection = selections.first, !isDraining else { return done(before) }
        eraseSome(selection, for: nil, limit: Self.erasedAtOnce) { [unowned self] part, _ in
            var total = before
            total.add(part)
            erase(part.sessions > 0 ? selections : selections.dropFirst(), total, done)
        }
    }
}
