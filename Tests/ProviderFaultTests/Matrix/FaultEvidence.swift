import AgentProtocol
import AgentTestKit

/// What a run with a fault in it has left behind: events, requests, log lines.
struct FaultEvidence: Sendable {
    /// A call as its first event tells it.
    struct Call: Sendable {
        let id: String
        let tool: String
        /// The arguments as JSON; nil when they are none.
        let arguments: String?
    }

    let position: FaultPosition
    let events: [RecordedEvent]
    let arrivals: [FaultyProvider.Arrival]
    /// Connections that the server has seen.
    let connections: Int
    let log: [String]

    var terminal: RecordedEvent? { events.last }
    private var error: JSONObject? { terminal?.payload["error"]?.object }
    var code: String? { error?["code"]?.string }
    var message: String? { error?["message"]?.string }
    var isRetryable: Bool? { error?["retryable"]?.bool }
    var httpStatus: Int64? { error?["http_status"]?.int64 }

    /// Requests that are no follow-up.
    var requests: Int { arrivals.count { !$0.isFollowUp } }
    var followUps: [[UInt8]] { arrivals.filter(\.isFollowUp).map(\.body) }

    /// The time between the first request and the second.
    var gap: Duration? {
        let first = arrivals.filter { !$0.isFollowUp }
        return first.count > 1 ? first[1].at - first[0].at : nil
    }

    var retries: [RecordedEvent] { events.filter { $0.kind == .runRetrying } }
    /// The pauses that were announced, in milliseconds.
    var delays: [Int64] { retries.compactMap { $0.payload["delay_ms"]?.int64 } }

    /// All text in the order in which it was told, a blank line between two messages.
    var text: String {
        var text = ""
        var message: String?
        for event in events where event.kind == .runContent {
            if let message, message != event["message_id"] { text += "\n\n" }
            message = event["message_id"]
            text += event["content"] ?? ""
        }
        return text
    }

    var calls: [Call] {
        events.filter { $0.kind == .toolCallStarted }.map { event in
            let object = event.payload["tool_arguments"]?.object.map { object in
                var writer = JSONWriter()
                writer.value(.object(object))
                return String(decoding: writer.bytes, as: UTF8.self)
            }
            return Call(id: event["tool_call_id"] ?? "", tool: event["tool_name"] ?? "", arguments: object)
        }
    }
}
