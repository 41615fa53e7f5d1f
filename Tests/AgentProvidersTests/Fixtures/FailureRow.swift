import AgentProtocol
import Testing

@testable import AgentProviders

/// An answer that is no answer, and what it is to be taken for.
struct FailureRow: CustomTestStringConvertible, Sendable {
    /// What is expected of another try; milliseconds where the provider gives them.
    enum Expected: Sendable { case never, backoff, after(Int) }

    let status: Int
    let body: String
    let code: ErrorCode
    let retry: Expected
    var headers: [String: String] = [:]
    var testDescription: String { "\(status) \(headers) \(body.prefix(80))" }

    init(
        _ status: Int, _ body: String, _ code: ErrorCode, _ retry: Expected = .never,
        _ headers: [String: String] = [:]
    ) {
        (self.status, self.body, self.code, self.retry, self.headers) = (status, body, code, retry, headers)
    }

    static func openai(_ message: String, type: String = "", code: String = "") -> String {
        #"{"error":{"message":"\#(message)","type":"\#(type)","param":null,"code":"\#(code)"}}"#
    }

    private static func anthropic(_ type: String, _ message: String) -> String {
        #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"},"request_id":"req_1"}"#
    }

    static let all: [FailureRow] = statuses + words + delays

    private static let statuses: [FailureRow] = [
        FailureRow(400, openai("bad", type: "invalid_request_error"), .modelBadRequest),
        FailureRow(404, openai("The model x does not exist", code: "model_not_found"), .modelBadRequest),
        FailureRow(405, "", .modelBadRequest),
        FailureRow(413, anthropic("request_too_large", "Request exceeds the maximum size"), .modelBadRequest),
        FailureRow(
            422, #"{"detail":[{"loc":["body","messages"],"msg":"field required","type":"missing"}]}"#, .modelBadRequest),
        FailureRow(418, "", .modelBadRequest),
        FailureRow(301, "", .modelBadRequest),
        FailureRow(401, openai("Incorrect API key provided: sk-abc***xyz", code: "invalid_api_key"), .modelAuth),
        FailureRow(401, anthropic("authentication_error", "invalid x-api-key"), .modelAuth),
        FailureRow(403, "", .modelAuth),
        FailureRow(403, anthropic("permission_error", "no"), .modelAuth),
        FailureRow(402, openai("Insufficient Balance"), .modelRateLimited), FailureRow(402, "", .modelRateLimited),
        FailureRow(429, "", .modelRateLimited, .backoff),
        FailureRow(
            429, anthropic("rate_limit_error", "This request would exceed your rate limit"), .modelRateLimited, .backoff
        ),
        FailureRow(
            429, openai("Rate limit reached for gpt-4o on tokens per min", type: "tokens", code: "rate_limit_exceeded"),
            .modelRateLimited, .backoff),
        FailureRow(408, "", .modelUnavailable, .backoff), FailureRow(409, "", .modelUnavailable, .backoff),
        FailureRow(425, "", .modelUnavailable, .backoff),
        FailureRow(500, openai("The server had an error", type: "server_error"), .modelUnavailable, .backoff),
        FailureRow(500, anthropic("api_error", "Internal server error"), .modelUnavailable, .backoff),
        FailureRow(502, "<html><head><title>502 Bad Gateway</title></head></html>", .modelUnavailable, .backoff),
        FailureRow(504, "", .modelUnavailable, .backoff),
        FailureRow(520, "", .modelUnavailable, .backoff), FailureRow(599, "", .modelUnavailable, .backoff),
        FailureRow(503, "", .modelOverloaded, .backoff),
        FailureRow(529, anthropic("overloaded_error", "Overloaded"), .modelOverloaded, .backoff),
        FailureRow(529, "", .modelOverloaded, .backoff),
        FailureRow(500, anthropic("overloaded_error", "Overloaded"), .modelOverloaded, .backoff),
        FailureRow(498, openai("capacity exceeded"), .modelOverloaded, .backoff),
        FailureRow(200, "<!DOCTYPE html><html><title>Sign in</title></html>", .modelUnavailable, .backoff),
        FailureRow(200, #"{"error":{"message":"x","code":429}}"#, .modelRateLimited, .backoff),
        FailureRow(200, anthropic("overloaded_error", "Overloaded"), .modelOverloaded, .backoff),
        FailureRow(200, "", .modelUnavailable, .backoff),
        FailureRow(200, #"{"error":"no such model"}"#, .modelUnavailable, .backoff),
    ]

    private static let words: [FailureRow] = [
        FailureRow(
            400,
            openai(
                "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000",
                code: "context_length_exceeded"), .contextLengthExceeded),
        FailureRow(
            400, anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
            .contextLengthExceeded),
        FailureRow(
            400,
            anthropic(
                "invalid_request_error",
                "input length and `max_tokens` exceed context limit: 199000 + 32000 > 200000, decrease input length, reduce the length"
            ), .contextLengthExceeded),
        FailureRow(
            400,
            #"{"error":{"code":400,"message":"The input token count (2000000) exceeds the maximum number of tokens allowed","status":"INVALID_ARGUMENT"}}"#,
            .contextLengthExceeded),
        FailureRow(
            400,
            #"{"error":{"code":400,"message":"the request exceeds the available context size. try increasing it","type":"exceed_context_size_error","n_ctx":4096}}"#,
            .contextLengthExceeded),
        FailureRow(413, openai("Please reduce the length of the messages"), .contextLengthExceeded),
        FailureRow(500, openai("input is too long for this model: context window 4096"), .contextLengthExceeded),
        FailureRow(
            400,
            #"{"object":"error","message":"This model's maximum context length is 4096 tokens","type":"BadRequestError","param":null,"code":400}"#,
            .contextLengthExceeded),
        FailureRow(
            422, #"{"error":"Input validation error: `inputs` must have less than the maximum context"}"#,
            .contextLengthExceeded),
        FailureRow(
            400,
            #"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            .contentFiltered),
        FailureRow(400, openai("Your request was rejected", code: "content_policy_violation"), .contentFiltered),
        FailureRow(
            400, openai("Invalid prompt: your prompt was flagged as potentially violating our usage policy."),
            .contentFiltered),
        FailureRow(
            403, #"{"error":{"code":403,"message":"Input was flagged by moderation","metadata":{"reasons":["x"]}}}"#,
            .contentFiltered),
        FailureRow(
            400, openai("data may contain inappropriate content", code: "data_inspection_failed"), .contentFiltered),
        FailureRow(
            429,
            openai(
                "You exceeded your current quota, please check your plan and billing details.",
                type: "insufficient_quota", code: "insufficient_quota"), .modelRateLimited),
        FailureRow(429, openai("You have reached your specified monthly spending limit"), .modelRateLimited),
        FailureRow(
            400, anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API"),
            .modelRateLimited),
        FailureRow(
            400,
            anthropic(
                "invalid_request_error",
                "You have reached your specified API usage limits. usage limit regained on 2026-12-01"),
            .modelRateLimited),
        FailureRow(403, openai("Your account is not active, please check your billing details"), .modelRateLimited),
        FailureRow(402, #"{"error":{"message":"This request requires more credits","code":402}}"#, .modelRateLimited),
        FailureRow(
            429,
            #"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.074824224s"}]}}]"#,
            .modelRateLimited, .after(34_075)),
        FailureRow(
            413,
            openai(
                "Request too large for model x on tokens per minute (TPM)", type: "tokens", code: "rate_limit_exceeded"),
            .modelRateLimited, .backoff),
        FailureRow(
            400,
            #"{"error":{"message":"Failed to call a function","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function>"}}"#,
            .modelBadRequest),
        FailureRow(
            500, openai("The engine is currently overloaded, please try again later"), .modelOverloaded, .backoff),
        FailureRow(400, "Bad Request", .modelBadRequest), FailureRow(400, "{not json", .modelBadRequest),
    ]

    private static let delays: [FailureRow] = [
        FailureRow(429, "", .modelRateLimited, .after(2000), ["retry-after": "2"]),
        FailureRow(429, "", .modelRateLimited, .after(1500), ["Retry-After": "1.5"]),
        FailureRow(429, "", .modelRateLimited, .after(251), ["retry-after-ms": "250.5", "retry-after": "9"]),
        FailureRow(429, "", .modelRateLimited, .after(0), ["retry-after": "0"]),
        FailureRow(429, "", .modelRateLimited, .after(0), ["retry-after": "-5"]),
        FailureRow(503, "", .modelOverloaded, .after(23_000), ["retry-after": "Sun, 06 Nov 1994 08:50:00 GMT"]),
        FailureRow(503, "", .modelOverloaded, .after(0), ["retry-after": "Sun, 06 Nov 1994 08:00:00 GMT"]),
        FailureRow(503, "", .modelOverloaded, .after(23_000), ["retry-after": "Sunday, 06-Nov-94 08:50:00 GMT"]),
        FailureRow(503, "", .modelOverloaded, .after(23_000), ["retry-after": "Sun Nov  6 08:50:00 1994"]),
        FailureRow(429, "", .modelRateLimited, .backoff, ["retry-after": "soon"]),
        FailureRow(429, "", .modelRateLimited, .after(600_000), ["retry-after": "600"]),
        FailureRow(429, "", .modelRateLimited, .never, ["retry-after": "86400"]),
        FailureRow(429, "", .modelRateLimited, .never, ["retry-after": "1e300"]),
        FailureRow(429, "", .modelRateLimited, .backoff, ["retry-after": "nan"]),
        FailureRow(500, "", .modelUnavailable, .never, ["x-should-retry": "false"]),
        FailureRow(400, "", .modelBadRequest, .backoff, ["x-should-retry": "true"]),
        FailureRow(400, "", .modelBadRequest, .after(3000), ["x-should-retry": "true", "retry-after": "3"]),
        FailureRow(401, "", .modelAuth, .never, ["x-should-retry": "true"]),
        FailureRow(402, "", .modelRateLimited, .never, ["x-should-retry": "true", "retry-after": "1"]),
        FailureRow(400, "", .modelBadRequest, .never, ["retry-after": "1"]),
    ]
}
