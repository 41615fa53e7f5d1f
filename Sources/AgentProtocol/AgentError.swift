/// Why a command was refused, as the reply says it.
public struct AgentError: Error, Equatable, Sendable {
    /// What kind of error.
    public let code: ErrorCode
    /// A sentence for people.
    public let message: String
    /// Whether the same command may succeed later.
    public let retryable: Bool
    /// What belongs to the code, for programs: `field` and `reason`, `active_run_id`, `retry_after_ms`.
    public let fields: JSONObject

    /// An error; `retryable` is the code's own answer unless something better is known.
    public init(_ code: ErrorCode, _ message: String, retryable: Bool? = nil, fields: JSONObject = [:]) {
        self.code = code
        self.message = message
        self.retryable = retryable ?? code.retryable
        self.fields = fields
    }

    /// A parameter is missing or wrong; the reason continues a sentence that begins with the field's name.
    public static func invalid(_ field: String, _ reason: String) -> AgentError {
        AgentError(
            .invalidParams, "\(field) \(reason)", fields: ["field": .string(field), "reason": .string(reason)])
    }

    /// A parameter of the contract whose feature is not built here.
    public static func unsupported(field: String) -> AgentError {
        AgentError(
            .unsupportedFeature, "\(field) is not supported by this daemon", fields: ["field": .string(field)])
    }

    /// Writes the record that stands under `error` in a reply.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("code", code.rawValue)
        writer.member("message", message)
        writer.member("retryable", retryable)
        writer.members(fields)
        writer.endObject()
    }
}
