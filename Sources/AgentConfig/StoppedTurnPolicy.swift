/// How an answer that the user stopped goes into what the model remembers.
public enum StoppedTurnPolicy: String, Sendable, CaseIterable {
    /// With the halt note at its end, so that the model knows it was cut off.
    case note
    /// As far as it came, without a note.
    case plain
    /// Not at all.
    case exclude
}
