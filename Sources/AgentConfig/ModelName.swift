/// A model as a configuration names it: `PROVIDER/MODEL`.
struct ModelName {
    /// The provider that has it.
    let provider: String
    /// Its name in the provider's words.
    let model: String

    /// Takes a name apart; nil when a part is missing. A model's own name may hold slashes, a provider's may not.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        provider = String(parts[0])
        model = String(parts[1])
    }
}
