/// A command of the kill tests, and what its sender has to know when the reply comes.
struct KillCommand {
    /// What is asked for.
    enum Kind {
        /// A run; `.none` has no stream.
        case run(Delivery)
        /// A run's events after a seq; nil for those to come.
        case attach(after: Int64?, Delivery)
        case stop
        case delete
        case history
    }

    /// What is told of a run.
    enum Delivery: String { case full, final, none }

    let kind: Kind
    /// The run that it names.
    var run: String?
    /// The conversation that it names.
    var session: String?
    /// Its `id`.
    let id: String?
    /// Its other members, as JSON.
    let members: String

    /// The word for it.
    var name: String {
        switch kind {
        case .run: "run"
        case .attach: "attach"
        case .stop: "stop"
        case .delete: "delete"
        case .history: "history"
        }
    }

    /// Its `id`, as it stands in every frame.
    var echo: String { id.map { #""id":"\#($0)","# } ?? "" }

    /// What goes over the wire.
    var line: String { #"{"cmd":"\#(name)",\#(echo)\#(members)}"# }
}
