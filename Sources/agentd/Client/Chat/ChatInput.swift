/// What comes from whoever is talking.
enum ChatEvent: Equatable {
    /// A question, or a command that begins with a slash.
    case line(String)
    /// Ctrl-C where there was nothing to clear, or no line to see.
    case interrupt
    /// Nothing more will come.
    case end
}

/// Where a chat's questions come from: somebody at a terminal, or a pipe.
protocol ChatInput: AnyObject {
    /// Whether somebody is there to read remarks, and to change their mind.
    var isInteractive: Bool { get }
    /// What to wait for while an answer comes; nil where the next line may wait in its pipe, or nothing more comes.
    var descriptorDuringAnswers: Int32? { get }

    /// Invites the next line, where there is somebody to invite; again and again while nothing comes.
    func invite()
    /// Makes room for something else to be written; `invite` comes back to it.
    func withdraw()
    /// Reads what is there; blocks when there is nothing.
    func fill() throws(ClientFailure)
    /// The next of what was read; nil when `fill` has to read on.
    func next() -> ChatEvent?
    /// Drops what was read and not taken, and says whether a Ctrl-C was in it.
    func takeInterrupt() -> Bool
    /// Makes an old question one that can be had again by a key.
    func remember(_ question: String)
    /// The chat is over.
    func close()
}
