/// The place of a setting, for what can only be found wrong after the files have been read.
public struct SourcePlace: Equatable, Sendable {
    /// The file, as it was named.
    public let file: String
    /// The line, counted from 1; nil when it concerns the file as a whole.
    public let line: Int?
    /// The column in characters, counted from 1.
    public let column: Int?

    /// A place with everything said.
    public init(file: String, line: Int? = nil, column: Int? = nil) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// An issue at this place.
    public func issue(_ message: String, hint: String? = nil) -> ConfigurationError.Issue {
        ConfigurationError.Issue(file: file, line: line, column: column, message: message, hint: hint)
    }
}

extension SourcePlace: CustomStringConvertible {
    /// The file and, where there is one, the line: `agentd.toml:3`.
    public var description: String { line.map { "\(file):\($0)" } ?? file }
}
