import AgentProtocol
import AgentTestKit

/// One kind of fault, and what is to come of it at each position.
struct FaultRow: Sendable {
    let number: Int
    let title: String
    let cells: [FaultPosition: FaultCell]
}

/// What a fault means at a position.
enum FaultCell: Sendable {
    /// These trials, each with its end.
    case trials([FaultTrial])
    /// Nothing, and why.
    case meaningless(String)
}

/// One fault with the end that it must have.
struct FaultTrial: Sendable {
    let fault: Fault
    let expected: FaultEnd
}

/// How a run ends that had a fault in it.
enum FaultEnd: Equatable, Sendable {
    /// The fault is none, or the run outlives it.
    case completes
    /// The same request is made again, and then the run fails.
    case failsAgain(ErrorCode)
    /// The run fails without a second attempt.
    case fails(ErrorCode)
    /// The stop wins.
    case cancelled

    var attempts: Int { if case .failsAgain = self { 2 } else { 1 } }

    /// For the printed table: `x2` for a request that is made again.
    var mark: String {
        switch self {
        case .completes: "done"
        case .cancelled: "stopped"
        case .fails(let code): Self.short(code)
        case .failsAgain(let code): Self.short(code) + " x2"
        }
    }

    private static func short(_ code: ErrorCode) -> String {
        switch code {
        case .modelUnavailable: "unavail"
        case .modelTruncated: "truncated"
        case .modelOverloaded: "overload"
        case .modelRateLimited: "rate"
        case .modelBadRequest: "bad_req"
        case .modelAuth: "auth"
        case .modelStalled: "stalled"
        case .limitTime: "time"
        default: code.rawValue
        }
    }
}
