/// What `help` answers: enough to write every command by hand, and the schema of every frame.
public enum HelpText {
    /// Writes the members of the reply's body: every command with its purpose and an example, or all about one topic.
    public static func write(topic: String?, to writer: inout JSONWriter) {
        guard let topic else { return writeOverview(to: &writer) }
        writer.member("topic", topic)
        if let entry = entries.first(where: { $0.name == topic }) {
            entry.writeHead(to: &writer)
            writer.key("fields")
            writer.beginObject()
            for (field, meaning) in entry.fields + everywhere { writer.member(field, meaning) }
            writer.endObject()
        }
        guard let schema = Schema.document(of: topic) else { return }
        writer.key("schema")
        writer.raw(schema)
    }

    private static func writeOverview(to writer: inout JSONWriter) {
        writer.key("commands")
        writer.beginArray()
        for entry in entries {
            writer.beginObject()
            writer.member("cmd", entry.name)
            entry.writeHead(to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("topics")
        writer.beginArray()
        for topic in Schema.topics { writer.string(topic) }
        writer.endArray()
    }

    /// One command.
    struct Entry: Sendable {
        let name: String
        let purpose: String
        let example: String
        let fields: [(StaticString, String)]

        fileprivate func writeHead(to writer: inout JSONWriter) {
            writer.member("purpose", purpose)
            writer.member("example", example)
        }
    }

    private static let userID = ("user_id" as StaticString, "act for this user and see only what is theirs")
    private static let limit = ("limit" as StaticString, "items of the page, 1 to 200; default 50")
    private static let cursor = ("cursor" as StaticString, "next_cursor of the page before")
    private static let everywhere: [(StaticString, String)] = [
        ("id", "string or integer, echoed in the reply and in the events of the stream"),
        ("close", "true: this is the last command of the connection"),
    ]

    static let entries = [
        Entry(
            name: "run", purpose: "ask an agent; the answer comes as events",
            example: #"{"cmd":"run","input":"hi","session_id":"s1"}"#,
            fields: [
                ("input", "required: the question, a string"),
                ("agent", "who answers; default: the session's agent, else the daemon's default"),
                ("session_id", "the conversation, created if missing; default: a new one"),
                userID,
                ("run_id", "your name for the run; sent again, it answers with that run and never runs twice"),
                ("stream", "full (default), final (only the last event) or none"),
                ("on_busy", "while the session has a live run: reject (default), queue behind it, or replace it"),
                ("on_disconnect", "stop or continue, when this connection goes away"),
                ("metadata", "an object kept with the run, up to 16 KiB"),
            ]),
        Entry(
            name: "stop", purpose: "cut off a run; what was said so far is kept",
            example: #"{"cmd":"stop","session_id":"s1"}"#,
            fields: [
                ("run_id", "the run; this or session_id is required"),
                ("session_id", "the session whose live run is meant"),
                userID,
                ("all", "true: the session's queued runs as well"),
                ("reason", "why, for the record, up to 1 KiB"),
            ]),
        Entry(
            name: "attach", purpose: "read a run's events from any place, live, queued or over",
            example: #"{"cmd":"attach","run_id":"r1","after":41}"#,
            fields: [
                ("run_id", "the run; this or session_id is required"),
                ("session_id", "the session whose live or latest run is meant"),
                userID,
                ("after", "the seq of the last event you have, default 0; or tail: only what is still to come"),
                ("stream", "full (default), final (only the last event) or none"),
            ]),
        Entry(
            name: "detach", purpose: "read a run's events no longer; the run goes on",
            example: #"{"cmd":"detach","run_id":"r1"}"#,
            fields: [("run_id", "required: the run"), userID]),
        Entry(
            name: "list", purpose: "page through sessions, runs or agents",
            example: #"{"cmd":"list","kind":"runs","status":"running"}"#,
            fields: [
                ("kind", "sessions (default), runs or agents"),
                userID,
                ("agent", "sessions and runs: only this agent's"),
                ("is_active", "sessions: true or false; archived ones are left out unless asked for"),
                ("session_id", "runs: only this session's"),
                ("status", "runs: queued, running, paused, completed, interrupted or error"),
                limit, cursor,
            ]),
        Entry(
            name: "history", purpose: "page through the messages of a session, newest page first",
            example: #"{"cmd":"history","session_id":"s1"}"#,
            fields: [
                ("session_id", "required: the conversation"),
                userID, limit, cursor,
                ("order", "desc (default) or asc to walk from the start"),
            ]),
        Entry(
            name: "get", purpose: "look at one run, or at the whole of a clipped text",
            example: #"{"cmd":"get","run_id":"r1"}"#,
            fields: [
                ("run_id", "the run; this or message_id is required"),
                ("message_id", "the message"),
                ("offset", "the byte to begin at; default 0"),
                userID,
            ]),
        Entry(
            name: "update", purpose: "change a session's title, summary, metadata, or archive it",
            example: #"{"cmd":"update","session_id":"s1","title":"About cats"}"#,
            fields: [
                ("session_id", "required: the session"),
                userID,
                ("title", "one line, up to 512 bytes; empty takes it away"),
                ("summary", "a text of up to 16 KiB; empty takes it away"),
                ("is_active", "false archives the session, true brings it back"),
                ("metadata", "an object in the place of the one that is there, up to 16 KiB"),
            ]),
        Entry(
            name: "delete", purpose: "remove a session, or everything of a user, for good",
            example: #"{"cmd":"delete","session_id":"s1"}"#,
            fields: [
                ("session_id", "the session; this or user_id is required"),
                ("user_id", "act for this user; without session_id: all that is theirs"),
            ]),
        Entry(
            name: "hello", purpose: "ask for version, features, limits and state of the daemon",
            example: #"{"cmd":"hello"}"#,
            fields: [("require", "features that must be there, an array of names")]),
        Entry(
            name: "ping", purpose: "ask whether the daemon answers", example: #"{"cmd":"ping"}"#, fields: []),
        Entry(
            name: "help", purpose: "this list, or the fields and the JSON Schema of one topic",
            example: #"{"cmd":"help","topic":"run"}"#,
            fields: [("topic", "the name of a command or an event; or frame, command, reply, event: any of them")]),
    ]
}
