import AgentProtocol

/// Guesses what a misspelt key or name was meant to be.
enum KeySuggestion {
    /// A hint such as `did you mean "socket"?`; nil when nothing is near enough.
    static func hint(for name: String, among names: some Sequence<String>) -> String? {
        nearest(to: name, among: names).map { "did you mean \"\($0)\"?" }
    }

    /// The nearest name, at most two slips of the finger away.
    static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        Nearest.name(to: name, among: names, within: 2)
    }
}
