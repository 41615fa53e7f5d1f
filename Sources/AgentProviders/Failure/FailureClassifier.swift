import AgentProtocol

/// Decides what a failed request was, and whether the same one may be made again.
enum FailureClassifier {
    /// A longer wait than this is not worth keeping a run for.
    static let longestWait = Duration.seconds(600)

    /// An answer that is no answer: its status, its headers, and the beginning of its body. Also for a status of
    /// success whose body is an error or a web page.
    static func classify(
        status: Int, headers: [(name: String, value: String)], body: UnsafeRawBufferPointer, now: Timestamp,
        secrets: [String] = []
    ) -> ProviderFailure {
        let read = ErrorBody(body)
        var failure = failure(status: status, read, secrets)
        failure.requestID = requestID(headers)
        obey(headers, read, now, &failure)
        return failure
    }

    /// An error that came inside a stream: the whole event.
    static func classify(streamError data: UnsafeRawBufferPointer, secrets: [String] = []) -> ProviderFailure {
        let read = ErrorBody(data)
        var failure = failure(status: nil, read, secrets)
        if let delay = read.retryDelay { wait(delay, &failure) }
        return failure
    }

    // MARK: What it was

    /// The meaning of a status, of the words beside it, or of both. The more exact one wins: a status of success says
    /// nothing, and a word for money, length or filter says more than any status.
    private static func failure(status: Int?, _ body: ErrorBody, _ secrets: [String]) -> ProviderFailure {
        let given = status.flatMap { $0 >= 300 ? $0 : nil }
        let status = given ?? body.status
        let code: ErrorCode
        var canRetry = true
        if isOutOfMoney(status, body) {
            (code, canRetry) = (.modelRateLimited, false)
        } else if isRequestFault(status), says(FailureWords.tooLong, body) || names(.contextLengthExceeded, body) {
            code = .contextLengthExceeded
        } else if isRequestFault(status) || status == 403,
            says(FailureWords.filtered, body) || names(.contentFiltered, body)
        {
            code = .contentFiltered
        } else {
            code = self.code(status, body)
        }
        canRetry = canRetry && code.retryable
        let error = ErrorRecord(
            code, message(given, body, secrets), retryable: canRetry, httpStatus: given.map(Int64.init))
        return ProviderFailure(error: error, retry: canRetry ? .after(nil) : .never)
    }

    private static func code(_ status: Int?, _ body: ErrorBody) -> ErrorCode {
        switch status {
        case 401, 403: return .modelAuth
        case 429, 402: return .modelRateLimited
        case 498, 503, 529: return .modelOverloaded
        case 408, 409, 425: return .modelUnavailable
        case let status? where (300..<500).contains(status):
            // A rate that is exceeded by one request alone comes as 413 from some; the code tells.
            return names(.modelRateLimited, body) ? .modelRateLimited : .modelBadRequest
        case let status? where status >= 500:
            return names(.modelOverloaded, body) || says(FailureWords.overloaded, body)
                ? .modelOverloaded : .modelUnavailable
        default:
            if let known = body.codes.lazy.compactMap({ FailureWords.codes[$0] }).first { return known }
            return says(FailureWords.overloaded, body) ? .modelOverloaded : .modelUnavailable
        }
    }

    /// Whether the fault may lie in the request; servers of local models answer 500 to a prompt that is too long.
    private static func isRequestFault(_ status: Int?) -> Bool {
        switch status {
        case nil, 400, 413, 422, 500: true
        default: false
        }
    }

    private static func isOutOfMoney(_ status: Int?, _ body: ErrorBody) -> Bool {
        if status == 402 { return true }
        guard status == nil || status == 429 || status == 400 || status == 403 else { return false }
        // One vendor uses the same sentence for its rates; it then says how long to wait.
        return body.retryDelay == nil && says(FailureWords.noMoney, body)
    }

    private static func says(_ words: [String], _ body: ErrorBody) -> Bool {
        words.contains { body.text.contains($0) }
    }

    private static func names(_ code: ErrorCode, _ body: ErrorBody) -> Bool {
        body.codes.contains { FailureWords.codes[$0] == code }
    }

    private static func message(_ status: Int?, _ body: ErrorBody, _ secrets: [String]) -> String {
        var words = status.map { "the provider answered \($0)" } ?? "the provider reported an error"
        let told = body.message.isBlank ? body.codes.first ?? "" : body.message
        if !told.isEmpty { words += ": " + told }
        return Scrubber.clean(words, secrets: secrets)
    }

    // MARK: What may be done

    /// Takes what the provider says of another try over our own opinion, except where no try can help.
    private static func obey(
        _ headers: [(name: String, value: String)], _ body: ErrorBody, _ now: Timestamp,
        _ failure: inout ProviderFailure
    ) {
        let isFinal = failure.retry == .never && failure.error.code != .modelBadRequest
        switch headers.value(of: "x-should-retry")?.lowercased() {
        case "false":
            failure.retry = .never
            return
        case "true" where !isFinal: failure.retry = .after(nil)
        default: break
        }
        guard failure.retry != .never, let delay = RetryDelay.read(headers, now: now) ?? body.retryDelay else { return }
        wait(delay, &failure)
    }

    private static func wait(_ delay: Duration, _ failure: inout ProviderFailure) {
        guard failure.retry != .never else { return }
        guard delay > longestWait else { return failure.retry = .after(delay) }
        failure.retry = .never
        let note = " (it asks to wait \(delay.components.seconds) s, which is too long)"
        let kept = failure.error.message.prefix(Scrubber.maxCharacters - note.count)
        failure.error.message = kept + note
    }

    private static let requestIDHeaders = ["request-id", "x-request-id", "apim-request-id", "cf-ray"]

    private static func requestID(_ headers: [(name: String, value: String)]) -> String? {
        for name in requestIDHeaders {
            // It goes into a log line: printable and short, or not at all.
            if let value = headers.value(of: name), !value.isEmpty, value.utf8.count <= Limits.idBytes,
                value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            {
                return value
            }
        }
        return nil
    }
}
