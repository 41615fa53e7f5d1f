/// The parts of the contract that this daemon has built.
public enum Features {
    /// The names that `hello` reports and its `require` is checked against.
    public static let all: [String] = [
        "run", "stop", "attach", "detach", "list", "history", "get", "update", "delete", "stream.final", "stream.none",
        "on_busy.queue", "on_busy.replace", "on_disconnect", "run.existing", "stop.all", "metadata",
    ]
}
