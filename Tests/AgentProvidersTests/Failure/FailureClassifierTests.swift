import AgentProtocol
import Testing

@testable import AgentProviders

@Suite struct FailureClassifierTests {
    /// Sunday, 6 November 1994, 08:49:37 GMT.
    private static let now = Timestamp(milliseconds: 784_111_777_000)
    private static let secret = "my-very-own-secret-0123456789"

    static func classify(_ status: Int, _ body: String, _ headers: [(name: String, value: String)] = [])
        -> ProviderFailure
    {
        Array(body.utf8).withUnsafeBytes {
            FailureClassifier.classify(status: status, headers: headers, body: $0, now: now, secrets: [secret])
        }
    }

    @Test func thereAreEnoughRows() { #expect(FailureRow.all.count >= 60) }

    @Test(arguments: FailureRow.all) func aFailureIsNamedAndRetriedAsItShouldBe(_ row: FailureRow) {
        let failure = Self.classify(row.status, row.body, row.headers.map { ($0.key, $0.value) })
        #expect(failure.error.code == row.code)
        switch row.retry {
        case .never: #expect(failure.retry == .never)
        case .backoff: #expect(failure.retry == .after(nil))
        case .after(let milliseconds): #expect(failure.retry == .after(.milliseconds(milliseconds)))
        }
        let message = failure.error.message
        #expect(message.count <= 500 && !message.contains("\n") && !message.contains("<html"))
        #expect(failure.error.httpStatus == (row.status >= 300 ? Int64(row.status) : nil))
    }

    @Test func anAbsurdWaitIsSaid() {
        #expect(Self.classify(429, "", [("retry-after", "86400")]).error.message.contains("86400 s"))
        #expect(
            Self.classify(429, String(repeating: "x ", count: 5000), [("retry-after", "86400")]).error.message.contains(
                "86400 s"))
    }

    @Test func theRequestsNameIsFound() {
        #expect(Self.classify(500, "", [("Request-Id", "req_1"), ("cf-ray", "x")]).requestID == "req_1")
        #expect(Self.classify(500, "", [("cf-ray", "abc-IAD")]).requestID == "abc-IAD")
        #expect(Self.classify(500, "", [("x-request-id", "a b\n")]).requestID == nil)
        #expect(Self.classify(500, "").requestID == nil)
    }

    @Test func theMessageSaysWhatTheProviderSaid() {
        #expect(Self.classify(400, FailureRow.openai("bad")).error.message == "the provider answered 400: bad")
        #expect(
            Self.classify(502, "<html><head><title>502 Bad Gateway</title></head></html>").error.message
                == "the provider answered 502: a web page instead of an answer: 502 Bad Gateway")
        #expect(Self.classify(500, "").error.message == "the provider answered 500")
        #expect(
            Self.classify(422, #"{"detail":[{"msg":"field required"}]}"#).error.message
                == "the provider answered 422: field required")
    }

    @Test(arguments: [
        (TransportFault.resolve, ErrorCode.modelUnavailable, true), (.connect, .modelUnavailable, true),
        (.connectTimeout, .modelUnavailable, true),
        (.tls("certificate has expired"), .modelUnavailable, false), (.reset, .modelUnavailable, true),
        (.truncated, .modelTruncated, true),
        (.firstByteTimeout, .modelStalled, true), (.idleTimeout, .modelStalled, true),
        (.tooLarge, .modelUnavailable, false),
        (.protocolError("x"), .modelUnavailable, true),
    ]) func aFaultOfTheTransportIsNamed(_ fault: TransportFault, _ code: ErrorCode, _ again: Bool) {
        let failure = FailureClassifier.classify(transport: fault)
        #expect(failure.error.code == code && failure.error.retryable == again)
        #expect(failure.retry == (again ? .after(nil) : .never))
    }

    /// Every place in which a provider might repeat a key.
    @Test func theCanaryNeverSings() {
        let canary = Self.secret
        var bodies =
            FailureRow.all.map(\.body) + [
                "", canary, "\(canary)\(canary)", String(canary.dropLast(3)), "Bearer \(canary)",
                "{\"error\":{\"message\":\"\(canary)\",\"code\":\"\(canary)\",\"type\":\"\(canary)\"}}",
            ]
        bodies += [
            "<html><title>\(canary)</title></html>", "x-api-key: \(canary)",
            "{\"detail\":[{\"msg\":\"key=\(canary)\"}]}", "{\"error\":\"\\u006d\\u0079-very-own-secret-0123456789\"}",
        ]
        bodies += (0..<40).map { String(repeating: "x", count: 460 + $0) + canary }
        for body in bodies {
            for status in [200, 400, 401, 429, 500] {
                for text in [body, body.replacingFirst("bad", with: canary), body + canary, canary + body] {
                    let failure = Self.classify(status, text, [("retry-after", canary)])
                    #expect(
                        !failure.error.message.contains("secret-0123")
                            && !failure.error.message.contains("my-very-own-s"))
                }
            }
            let stream = Array((canary + body).utf8).withUnsafeBytes {
                FailureClassifier.classify(streamError: $0, secrets: [canary])
            }
            #expect(!stream.error.message.contains("my-very-own-s"))
        }
        #expect(
            !FailureClassifier.classify(transport: .tls(canary), secrets: [canary]).error.message.contains("secret"))
        #expect(
            !FailureClassifier.classify(transport: .protocolError(canary), secrets: [canary]).error.message.contains(
                "secret"))
        let failed = Array("data: {\"error\":{\"message\":\"\(canary)\"}}\n\n".utf8)
        var decoder = OpenAIStreamDecoder(profile: .preset(named: "openai")!, secrets: [canary])
        failed.withUnsafeBytes { bytes in
            decoder.receive(bytes) { if case .failed(let error) = $0 { #expect(!error.message.contains("secret")) } }
        }
    }
}

extension String {
    fileprivate func replacingFirst(_ word: String, with other: String) -> String {
        guard let range = firstRange(of: word) else { return self }
        return replacingCharacters(in: range, with: other)
    }

    private func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
        self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
