/// Where in an answer something goes wrong.
public enum FaultPosition: Int, CaseIterable, Sendable {
    /// The request has been read, and nothing is written.
    case beforeHeaders
    /// The header is written, and nothing of the body.
    case afterHeaders
    /// Some of the text has been said.
    case midText
    /// Some of a call's arguments have come.
    case midArguments
    /// Everything has been said but the reason for the end and the end marker.
    case beforeEnd
}
