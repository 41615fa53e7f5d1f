/// One request that a test server has read.
public struct ServerRequest: Sendable {
    /// The request line, as `POST /v1/x HTTP/1.1`.
    public let line: String
    /// Header fields, names in lower case.
    public let headers: [String: String]
    /// The body.
    public let body: [UInt8]
    /// Counts the requests of its connection from 1.
    public let number: Int
}
