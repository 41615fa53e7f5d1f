import Glibc
import Logging

/// Writes the daemon's log to standard error, one `write(2)` per line, so that lines of two processes never mix.
///
/// Under journald (`JOURNAL_STREAM` is set) a line begins with its priority and carries no time, which the journal
/// knows better.
struct LogfmtHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let format: LogLine.Format
    private let isJournal: Bool

    /// A handler for one logger.
    init(level: Logger.Level = .info, format: LogLine.Format = .logfmt, isJournal: Bool = Self.stderrIsJournal) {
        logLevel = level
        self.format = format
        self.isJournal = isJournal
    }

    /// Whether the service manager has connected standard error to the journal: the variable alone is inherited also by
    /// those whose standard error goes elsewhere. Source: systemd.exec(5), `$JOURNAL_STREAM`.
    static let stderrIsJournal: Bool = {
        var status = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = Array(line(for: event).utf8)
        // A log that cannot be written has nowhere to complain.
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// The line for an event: time, level, message, then the fields in the order of their names.
    func line(for event: LogEvent) -> String {
        var line = LogLine(format: format, priority: isJournal ? LogLine.priority(of: event.level) : nil)
        if !isJournal { line.add("ts", LogClock.now()) }
        line.add("level", event.level.rawValue)
        line.add("msg", event.message.description)
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let given = event.metadata { fields.merge(given) { _, new in new } }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) { line.add(key, value.description) }
        if let error = event.error { line.add("error", String(describing: error)) }
        line.end()
        return line.text
    }
}
