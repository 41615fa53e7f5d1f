// Written by scripts/generate-protocol.py from protocol/errors.json; change that file instead.

/// What went wrong, in a reply (`error.code`) or in a run; the raw value is the name on the wire.
///
/// Codes are never reused. A client that does not know a code acts on `retryable`.
public enum ErrorCode: String, Sendable, CaseIterable {
    /// The line is not one JSON object; the reply has no cmd and no id.
    case badJSON = "bad_json"
    /// The line is longer than line_bytes.
    case lineTooLong = "line_too_long"
    /// No command has this name; help lists them.
    case unknownCommand = "unknown_command"
    /// A parameter is missing or wrong; see field and reason.
    case invalidParams = "invalid_params"
    /// The daemon does not speak the protocol version asked for.
    case unsupportedProtocol = "unsupported_protocol"
    /// The parameter or command named by field is not built here.
    case unsupportedFeature = "unsupported_feature"
    /// No run has this id, or it belongs to another user.
    case runNotFound = "run_not_found"
    /// No session has this id, or it belongs to another user.
    case sessionNotFound = "session_not_found"
    /// The configuration has no agent of this name.
    case agentNotFound = "agent_not_found"
    /// The session has a live or queued run; see active_run_id.
    case sessionBusy = "session_busy"
    /// The queue, the session's own or all of them together, has no room.
    case queueFull = "queue_full"
    /// The run_id was given to another question before.
    case runIDConflict = "run_id_conflict"
    /// The session never had a run, or the run is not the session's.
    case runNotActive = "run_not_active"
    /// The run waits for no answer.
    case notPaused = "not_paused"
    /// The run has no requirement of this id.
    case requirementNotFound = "requirement_not_found"
    /// The requirement has been answered before.
    case requirementResolved = "requirement_resolved"
    /// The run's log does not reach as far as after; perhaps it is another run's seq.
    case seqOutOfRange = "seq_out_of_range"
    /// This peer may not do that.
    case forbidden
    /// There is no room now; try again after retry_after_ms.
    case overloaded
    /// The daemon is going down and accepts no new run.
    case shuttingDown = "shutting_down"
    /// The provider refused the key.
    case modelAuth = "model_auth"
    /// The provider limits the rate of requests.
    case modelRateLimited = "model_rate_limited"
    /// The provider has too much to do.
    case modelOverloaded = "model_overloaded"
    /// The provider cannot be reached or failed.
    case modelUnavailable = "model_unavailable"
    /// The provider refused the request as it is.
    case modelBadRequest = "model_bad_request"
    /// The provider's answer stopped coming.
    case modelStalled = "model_stalled"
    /// The provider's answer broke off before its end.
    case modelTruncated = "model_truncated"
    /// The conversation is longer than the model can read.
    case contextLengthExceeded = "context_length_exceeded"
    /// The provider's filter withheld the answer.
    case contentFiltered = "content_filtered"
    /// The answer does not fit the output schema.
    case outputInvalid = "output_invalid"
    /// The run reached its limit of model requests.
    case limitSteps = "limit_steps"
    /// The run reached its limit of tool calls.
    case limitToolCalls = "limit_tool_calls"
    /// The run reached its limit of tokens.
    case limitTokens = "limit_tokens"
    /// The run reached its limit of cost.
    case limitCost = "limit_cost"
    /// The run reached its limit of time.
    case limitTime = "limit_time"
    /// The daemon ended while the run was under way; its partial text is kept.
    case daemonRestart = "daemon_restart"
    /// The daemon was shut down before the run ended.
    case shutdown
    /// The ledger could not be written or read; perhaps the disk is full.
    case storageError = "storage_error"
    /// A defect of the daemon; its log has more under ref.
    case `internal`

    /// Whether the same request may succeed later, unless an error says otherwise for itself.
    public var retryable: Bool {
        switch self {
        case .sessionBusy, .queueFull, .overloaded, .shuttingDown, .modelRateLimited, .modelOverloaded,
            .modelUnavailable, .modelStalled, .modelTruncated, .outputInvalid, .daemonRestart, .shutdown, .storageError:
            true
        default:
            false
        }
    }

    /// One line for people.
    public var help: String {
        switch self {
        case .badJSON:
            "The line is not one JSON object; the reply has no cmd and no id."
        case .lineTooLong:
            "The line is longer than line_bytes."
        case .unknownCommand:
            "No command has this name; help lists them."
        case .invalidParams:
            "A parameter is missing or wrong; see field and reason."
        case .unsupportedProtocol:
            "The daemon does not speak the protocol version asked for."
        case .unsupportedFeature:
            "The parameter or command named by field is not built here."
        case .runNotFound:
            "No run has this id, or it belongs to another user."
        case .sessionNotFound:
            "No session has this id, or it belongs to another user."
        case .agentNotFound:
            "The configuration has no agent of this name."
        case .sessionBusy:
            "The session has a live or queued run; see active_run_id."
        case .queueFull:
            "The queue, the session's own or all of them together, has no room."
        case .runIDConflict:
            "The run_id was given to another question before."
        case .runNotActive:
            "The session never had a run, or the run is not the session's."
        case .notPaused:
            "The run waits for no answer."
        case .requirementNotFound:
            "The run has no requirement of this id."
        case .requirementResolved:
            "The requirement has been answered before."
        case .seqOutOfRange:
            "The run's log does not reach as far as after; perhaps it is another run's seq."
        case .forbidden:
            "This peer may not do that."
        case .overloaded:
            "There is no room now; try again after retry_after_ms."
        case .shuttingDown:
            "The daemon is going down and accepts no new run."
        case .modelAuth:
            "The provider refused the key."
        case .modelRateLimited:
            "The provider limits the rate of requests."
        case .modelOverloaded:
            "The provider has too much to do."
        case .modelUnavailable:
            "The provider cannot be reached or failed."
        case .modelBadRequest:
            "The provider refused the request as it is."
        case .modelStalled:
            "The provider's answer stopped coming."
        case .modelTruncated:
            "The provider's answer broke off before its end."
        case .contextLengthExceeded:
            "The conversation is longer than the model can read."
        case .contentFiltered:
            "The provider's filter withheld the answer."
        case .outputInvalid:
            "The answer does not fit the output schema."
        case .limitSteps:
            "The run reached its limit of model requests."
        case .limitToolCalls:
            "The run reached its limit of tool calls."
        case .limitTokens:
            "The run reached its limit of tokens."
        case .limitCost:
            "The run reached its limit of cost."
        case .limitTime:
            "The run reached its limit of time."
        case .daemonRestart:
            "The daemon ended while the run was under way; its partial text is kept."
        case .shutdown:
            "The daemon was shut down before the run ended."
        case .storageError:
            "The ledger could not be written or read; perhaps the disk is full."
        case .internal:
            "A defect of the daemon; its log has more under ref."
        }
    }
}
