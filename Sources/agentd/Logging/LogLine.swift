import Logging

/// One line of the log, built without input or output.
///
/// Every value is escaped, so that neither a line break nor a terminal's control sequence in a value can pretend to be
/// another line or another field.
struct LogLine {
    /// How a line is written.
    enum Format: String, Sendable, CaseIterable {
        /// `key=value` pairs, for people and for grep.
        case logfmt
        /// One JSON object.
        case json
    }

    /// The line so far.
    private(set) var text: String
    private let format: Format
    private var isEmpty = true

    /// Starts a line; under journald it begins with the priority, which the journal takes off again.
    init(format: Format, priority: Int?) {
        self.format = format
        text = priority.map { "<\($0)>" } ?? ""
        if format == .json { text.append("{") }
    }

    /// Adds one field.
    mutating func add(_ key: String, _ value: String) {
        switch format {
        case .logfmt:
            if !isEmpty { text.append(" ") }
            text.append(Self.logfmtKey(key))
            text.append("=")
            text.append(Self.needsQuotes(value) ? Self.quoted(value) : value)
        case .json:
            if !isEmpty { text.append(",") }
            text.append(Self.quoted(key))
            text.append(":")
            text.append(Self.quoted(value))
        }
        isEmpty = false
    }

    /// Ends the line.
    mutating func end() {
        if format == .json { text.append("}") }
        text.append("\n")
    }

    /// The severity as syslog and the journal count it.
    static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func logfmtKey(_ key: String) -> String {
        String(key.unicodeScalars.map { needsQuotes($0) ? "_" : Character($0) })
    }

    private static func needsQuotes(_ value: String) -> Bool {
        value.isEmpty || value.unicodeScalars.contains(where: needsQuotes)
    }

    private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "=" || scalar == "\"" || scalar == "\\" || isControl(scalar)
    }

    /// What a terminal or a line reader could act on: C0, DEL, C1 and the two Unicode line separators.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }

    /// A JSON string, which is a valid logfmt value too.
    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text.append("\\\"")
            case "\\": text.append("\\\\")
            case "\n": text.append("\\n")
            case "\r": text.append("\\r")
            case "\t": text.append("\\t")
            case _ where isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                text.append("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text.append("\"")
        return text
    }
}
