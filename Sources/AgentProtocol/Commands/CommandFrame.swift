/// One command and what surrounds it on its line.
public struct CommandFrame: Sendable {
    /// The client's own name for the command.
    public var id: FrameID?
    /// Whether this is the last command that the client sends on its connection.
    public var close: Bool
    /// Fields that nobody understood, with a guess at what was meant.
    public var warnings: [String]
    /// What is asked.
    public var command: Command

    /// A frame with everything said.
    public init(id: FrameID? = nil, close: Bool = false, warnings: [String] = [], command: Command) {
        self.id = id
        self.close = close
        self.warnings = warnings
        self.command = command
    }
}

/// A line that is no command, and as much of it as the reply can echo.
public struct RejectedFrame: Sendable {
    /// The command's name; nil when the line was not readable that far.
    public var cmd: String?
    /// The client's own name for the command.
    public var id: FrameID?
    /// Whether the line was the last that the client sends on its connection.
    public var close: Bool
    /// Why it was refused.
    public var error: AgentError
    /// Fields that nobody understood, with a guess at what was meant.
    public var warnings: [String]

    /// A rejection with everything said.
    public init(
        cmd: String? = nil, id: FrameID? = nil, close: Bool = false, error: AgentError, warnings: [String] = []
    ) {
        self.cmd = cmd
        self.id = id
        self.close = close
        self.error = error
        self.warnings = warnings
    }
}

/// What a line turned out to be.
public enum DecodedLine: Sendable {
    /// Nothing but white space, which is ignored.
    case blank
    /// A command to carry out.
    case command(CommandFrame)
    /// Something to answer with an error.
    case rejected(RejectedFrame)
}
