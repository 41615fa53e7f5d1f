/// All that is wrong with a configuration, found in one go.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One thing that is wrong, and where.
    public struct Issue: Error, Equatable, Sendable, CustomStringConvertible {
        /// The file, as it was named.
        public let file: String
        /// The line, counted from 1; nil when it concerns the file as a whole.
        public let line: Int?
        /// The column in characters, counted from 1.
        public let column: Int?
        /// What is wrong.
        public let message: String
        /// How to repair it, if there is a good guess.
        public let hint: String?

        /// An issue with everything said.
        public init(file: String, line: Int? = nil, column: Int? = nil, message: String, hint: String? = nil) {
            self.file = file
            self.line = line
            self.column = column
            self.message = message
            self.hint = hint
        }

        /// One line such as `agentd.toml:3: unknown key "sokcet" (did you mean "socket"?)`.
        public var description: String {
            var text = file
            if let line { text += ":\(line)" }
            text += ": \(message)"
            if let hint { text += " (\(hint))" }
            return text
        }
    }

    /// What is wrong, file by file; never empty.
    public let issues: [Issue]

    /// All issues, at least one.
    public init(issues: [Issue]) { self.issues = issues }

    /// The issues, one on each line.
    public var description: String { issues.map(\.description).joined(separator: "\n") }
}
