import AgentProtocol

/// What providers call their errors, as data. Their codes are many and their sentences more; those that matter have a
/// few words in common.
enum FailureWords {
    /// What an error's own type or code means, in lower case.
    static let codes: [String: ErrorCode] = [
        "context_length_exceeded": .contextLengthExceeded, "exceed_context_size_error": .contextLengthExceeded,
        "string_above_max_length": .modelBadRequest,
        "content_filter": .contentFiltered, "content_policy_violation": .contentFiltered,
        "responsibleaipolicyviolation": .contentFiltered, "data_inspection_failed": .contentFiltered,
        "authentication_error": .modelAuth, "permission_error": .modelAuth, "invalid_api_key": .modelAuth,
        "permission_denied": .modelAuth, "unauthenticated": .modelAuth, "unauthorized": .modelAuth,
        "rate_limit_error": .modelRateLimited, "rate_limit_exceeded": .modelRateLimited,
        "too_many_requests": .modelRateLimited, "resource_exhausted": .modelRateLimited,
        "tokens": .modelRateLimited, "requests": .modelRateLimited,
        "insufficient_quota": .modelRateLimited, "billing_error": .modelRateLimited,
        "insufficient_balance": .modelRateLimited, "billing_hard_limit_reached": .modelRateLimited,
        "overloaded_error": .modelOverloaded, "server_is_overloaded": .modelOverloaded,
        "overloaded": .modelOverloaded, "unavailable": .modelOverloaded, "slow_down": .modelOverloaded,
        "engine_overloaded": .modelOverloaded, "capacity_exceeded": .modelOverloaded,
        "api_error": .modelUnavailable, "server_error": .modelUnavailable, "internal_error": .modelUnavailable,
        "internal_server_error": .modelUnavailable, "timeout_error": .modelUnavailable, "internal": .modelUnavailable,
        "deadline_exceeded": .modelUnavailable,
        "invalid_request_error": .modelBadRequest, "not_found_error": .modelBadRequest,
        "request_too_large": .modelBadRequest, "model_not_found": .modelBadRequest,
        "invalid_argument": .modelBadRequest, "not_found": .modelBadRequest, "tool_use_failed": .modelBadRequest,
        "invalid_prompt": .modelBadRequest, "unsupported_parameter": .modelBadRequest,
        "unsupported_value": .modelBadRequest,
    ]

    /// Words of a sentence, in lower case, that mean the conversation is too long.
    static let tooLong = [
        "context length", "context_length", "context window", "context size", "maximum context", "prompt is too long",
        "prompt too long", "input is too long", "input too long", "too many input tokens", "reduce the length",
        "exceeds the maximum number of tokens", "input token count", "exceeds the available context",
        "maximum prompt length", "max_prompt_tokens", "too large for model with",
    ]

    /// Words that mean that a filter held the request or the answer back.
    static let filtered = [
        "content_filter", "content filter", "content management policy", "content policy", "responsibleaipolicy",
        "safety system", "flagged by moderation", "was flagged", "flagged as", "data may contain inappropriate",
        "blocked by content", "usage policies",
    ]

    /// Words that mean that there is no money left, which no waiting mends.
    static let noMoney = [
        "insufficient_quota", "insufficient quota", "exceeded your current quota", "billing", "credit balance",
        "insufficient balance", "insufficient_balance", "insufficient credit", "insufficient funds", "payment required",
        "spending limit", "spend limit", "spending cap", "usage limit", "hard limit", "budget has been exceeded",
        "requires more credits", "out of credits", "account is not active", "quota exhausted", "monthly limit",
        "arrearage",
    ]

    /// Words that mean that there is too much to do.
    static let overloaded = ["overloaded", "over capacity", "at capacity", "no available capacity", "server is busy"]
}
