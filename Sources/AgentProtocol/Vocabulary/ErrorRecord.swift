/// An error as a stored fact: in `run_error`, `run_retrying`, and in run and message records.
public struct ErrorRecord: Equatable, Sendable {
    /// What kind of error.
    public var code: ErrorCode
    /// A sentence for people, clipped and free of secrets.
    public var message: String
    /// Whether the same request may succeed later.
    public var retryable: Bool
    /// The provider's HTTP status, where there was one.
    public var httpStatus: Int64?

    /// An error; `retryable` is the code's own answer unless something better is known.
    public init(_ code: ErrorCode, _ message: String, retryable: Bool? = nil, httpStatus: Int64? = nil) {
        self.code = code
        self.message = message
        self.retryable = retryable ?? code.retryable
        self.httpStatus = httpStatus
    }

    /// Writes the record.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("code", code.rawValue)
        writer.member("message", message)
        writer.member("retryable", retryable)
        writer.member("http_status", httpStatus)
        writer.endObject()
    }
}
