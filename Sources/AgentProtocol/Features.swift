/// The parts of the contract that this daemon has built.
public enum Features {
    /// The names that `hello` reports and its `require` is checked against.
    public static let all: [String] = [
        "run", "stop", "list", "history", "get", "stream.final", "stream.none", "on_disconnect", "metadata",
    ]
}
