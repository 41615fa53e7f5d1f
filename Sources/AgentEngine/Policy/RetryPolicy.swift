import AgentProtocol

/// Whether and when the same request may be made again, as whoever made it knows.
public enum RetryAdvice: Equatable, Sendable {
    /// Not at all: it would fail again, or cost for nothing.
    case never
    /// After a pause of our choosing.
    case backoff
    /// Not before this has passed.
    case after(Duration)
}

/// Decides how long to wait before a model request is made again, and when to give up.
struct RetryPolicy: Equatable {
    /// The first pause; each further one is twice as long.
    static let firstPause = Duration.milliseconds(500)
    /// No pause of our own is longer.
    static let longestPause = Duration.seconds(8)
    /// A provider that wants a longer pause gets none: whoever asked is told, and may come back himself.
    static let longestWait = Duration.seconds(60)

    /// How often a request is made at most, the first time included.
    let maxAttempts: Int

    /// The pause after attempt number `attempt` has failed; nil to give up. `random` is from 0 up to 1.
    ///
    /// Our own pauses lie between half and all of their size, so that many runs do not come back together; a pause that
    /// the provider asked for is never shorter than that, and at most a twentieth longer.
    func pause(after attempt: Int, _ advice: RetryAdvice, random: Double) -> Duration? {
        guard attempt < maxAttempts else { return nil }
        switch advice {
        case .never: return nil
        case .backoff:
            let full = min(Self.longestPause, Self.firstPause * (1 << min(attempt - 1, 10)))
            return full * (0.5 + random / 2)
        case .after(let wanted):
            guard wanted <= Self.longestWait else { return nil }
            return max(.zero, wanted) * (1 + random / 20)
        }
    }
}
