// Written by scripts/generate-protocol.py from protocol/limits.json; change that file instead.

/// Every bound of the wire, with the value that `hello` reports.
public enum Limits {
    /// Longest line that the daemon reads. In bytes.
    public static let lineBytes = 16_777_216
    /// Longest line that the daemon writes. In bytes.
    public static let replyBytes = 1_048_576
    /// Longest text of one content event. In bytes.
    public static let deltaBytes = 16_384
    /// Longest tool arguments or result in an event; longer ones are clipped. In bytes.
    public static let eventValueBytes = 32_768
    /// Longest string in a record; longer ones are clipped and read with get. In bytes.
    public static let clipBytes = 262_144
    /// Longest answer of one run, reasoning included, as it stands in JSON; a longer one ends the run. In bytes.
    public static let answerBytes = 16_777_216
    /// Deepest nesting of a JSON text. In levels.
    public static let jsonDepth = 64
    /// Most values in a JSON text, counting those inside others. In items.
    public static let jsonValues = 131_072
    /// Longest number in a JSON text. In bytes.
    public static let jsonNumberBytes = 1_024
    /// Longest identifier. In bytes.
    public static let idBytes = 128
    /// Longest cursor. In bytes.
    public static let cursorBytes = 512
    /// Longest metadata object, as JSON. In bytes.
    public static let metadataBytes = 16_384
    /// Longest title of a session. In bytes.
    public static let titleBytes = 512
    /// Longest summary of a session. In bytes.
    public static let summaryBytes = 16_384
    /// Longest reason of a stop. In bytes.
    public static let reasonBytes = 1_024
    /// Most warnings in one reply. In items.
    public static let warnings = 8
    /// Items of a page when no limit is given. In items.
    public static let pageDefault = 50
    /// Most items of a page. In items.
    public static let pageMax = 200
    /// Most connections at once. In items.
    public static let connections = 1_024
    /// Most runs that one connection streams at once. In items.
    public static let streams = 64
    /// Most unanswered commands of one connection; then reading stops. In items.
    public static let commands = 64
    /// Most queued runs of one session. In items.
    public static let sessionQueue = 8
    /// Most live runs at once. In items.
    public static let liveRuns = 8_192
    /// Most queued runs of all sessions together. In items.
    public static let queuedRunsTotal = 10_000
    /// Most bytes waiting to be read by all connections together. In bytes.
    public static let outboxTotal = 268_435_456
    /// Most bytes of unfinished lines of all connections together, and as much again for unanswered commands. In bytes.
    public static let inboundTotal = 268_435_456
    /// Unread bytes of one connection above which its streams wait in the log, and its commands on its side. In bytes.
    public static let outboxBytes = 65_536
    /// A reader that takes no byte for so long is detached from its streams. In seconds.
    public static let outboxStallSeconds = 30
    /// Silence after which a half-closed connection gets one space. In milliseconds.
    public static let keepAliveMilliseconds = 250

    /// The limits under their names on the wire.
    public static let all: [(name: String, value: Int64, unit: String)] = [
        ("line_bytes", Int64(lineBytes), "bytes"),
        ("reply_bytes", Int64(replyBytes), "bytes"),
        ("delta_bytes", Int64(deltaBytes), "bytes"),
        ("event_value_bytes", Int64(eventValueBytes), "bytes"),
        ("clip_bytes", Int64(clipBytes), "bytes"),
        ("answer_bytes", Int64(answerBytes), "bytes"),
        ("json_depth", Int64(jsonDepth), "levels"),
        ("json_values", Int64(jsonValues), "items"),
        ("json_number_bytes", Int64(jsonNumberBytes), "bytes"),
        ("id_bytes", Int64(idBytes), "bytes"),
        ("cursor_bytes", Int64(cursorBytes), "bytes"),
        ("metadata_bytes", Int64(metadataBytes), "bytes"),
        ("title_bytes", Int64(titleBytes), "bytes"),
        ("summary_bytes", Int64(summaryBytes), "bytes"),
        ("reason_bytes", Int64(reasonBytes), "bytes"),
        ("warnings", Int64(warnings), "items"),
        ("page_default", Int64(pageDefault), "items"),
        ("page_max", Int64(pageMax), "items"),
        ("connections", Int64(connections), "items"),
        ("streams", Int64(streams), "items"),
        ("commands", Int64(commands), "items"),
        ("session_queue", Int64(sessionQueue), "items"),
        ("live_runs", Int64(liveRuns), "items"),
        ("queued_runs_total", Int64(queuedRunsTotal), "items"),
        ("outbox_total", Int64(outboxTotal), "bytes"),
        ("inbound_total", Int64(inboundTotal), "bytes"),
        ("outbox_bytes", Int64(outboxBytes), "bytes"),
        ("outbox_stall_s", Int64(outboxStallSeconds), "seconds"),
        ("keep_alive_ms", Int64(keepAliveMilliseconds), "milliseconds"),
    ]
}
