import AgentEngine
import AgentHTTP
import AgentLoop
import AgentProtocol
import Logging

/// One request to a provider, under way: feeds what comes to the decoder, and what comes out to the run.
@LoopActor final class ProviderCall {
    private enum Phase {
        /// No status line yet.
        case waiting
        /// A stream is coming.
        case streaming
        /// An error's body is coming; it is read as far as `errorBytes`.
        case refused(status: Int, headers: [(name: String, value: String)])
        /// The last word has been said.
        case over
    }

    /// Bytes of an error's body that are looked at.
    private static let errorBytes = 64 * 1024
    /// How long a whole answer may take to end its connection properly, so that the connection can serve again.
    private static let lingering = Duration.seconds(1)

    private var receiver: (any ModelReceiver)?
    private var decoder: any StreamDecoder
    private let idleTimeout: Duration
    private let secrets: [String]
    private let logger: Logger
    private var exchange: HTTPExchange?
    private var phase = Phase.waiting
    private var body: [UInt8] = []
    private var requestID: String?
    private var progressAt: Int64 = 0
    private var idleTimer: LoopTimer?

    init(
        receiver: any ModelReceiver, decoder: any StreamDecoder, idleTimeout: Duration, secrets: [String],
        logger: Logger
    ) {
        self.receiver = receiver
        self.decoder = decoder
        self.idleTimeout = idleTimeout
        self.secrets = secrets
        self.logger = logger
    }

    func begin(_ exchange: HTTPExchange) { self.exchange = exchange }

    // MARK: What the decoder says

    private func take(_ output: StreamOutput) {
        progressAt = EventLoop.shared.now
        switch output {
        case .said(let text): receiver?.modelSaid(text)
        case .thought(let text): receiver?.modelThought(text)
        case .called(let call): receiver?.modelCalled(call)
        case .reported(let usage): receiver?.modelReported(usage)
        case .keep(let data): receiver?.modelKept(data)
        case .progress: break
        case .ended(let reason, let word): finish { $0.modelEnded(reason, providerReason: word) }
        case .failed(let error):
            fail(ProviderFailure(error: error, retry: error.retryable ? .after(nil) : .never, requestID: requestID))
        }
    }

    private func fail(_ failure: ProviderFailure) {
        logger.warning(
            "model request failed",
            metadata: [
                "code": "\(failure.error.code.rawValue)", "error": "\(failure.error.message)",
                "http_status": "\(failure.error.httpStatus.map(String.init) ?? "-")",
                "request_id": "\(failure.requestID ?? requestID ?? "-")",
            ])
        let advice: RetryAdvice =
            switch failure.retry {
            case .never: .never
            case .after(nil): .backoff
            case .after(let delay?): .after(delay)
            }
        finish { $0.modelFailed(failure.error, retry: advice) }
        closeExchange()
    }

    /// Says the last word. The run may open its next request while it hears it.
    private func finish(_ lastWord: (any ModelReceiver) -> Void) {
        guard let receiver else { return }
        self.receiver = nil
        phase = .over
        idleTimer?.cancel()
        lastWord(receiver)
    }

    private func closeExchange() {
        idleTimer?.cancel()
        idleTimer = nil
        exchange?.abort()
        exchange = nil
    }

    // MARK: Silence

    private func watchIdle() {
        progressAt = EventLoop.shared.now
        let timer = LoopTimer { [unowned self] in idleIsDue() }
        idleTimer = timer
        timer.arm(after: idleTimeout)
    }

    /// Re-armed here and not at every piece: a piece costs a store, not a timer.
    private func idleIsDue() {
        if case .over = phase { return closeExchange() }
        let silent = Duration.nanoseconds(EventLoop.shared.now - progressAt)
        guard silent >= idleTimeout else {
            idleTimer?.arm(after: idleTimeout - silent)
            return
        }
        endAnswer(.idleTimeout)
        // Also of an answer that was whole: whoever sends nothing now may never close the connection.
        closeExchange()
    }

    /// The answer ends here, whole or not.
    private func endAnswer(_ fault: TransportFault?) {
        guard receiver != nil else { return }
        if case .refused(let status, let headers) = phase { return refuse(status, headers) }
        if decoder.isWhole || (fault == nil && isStreaming) { return decoder.end { take($0) } }
        fail(FailureClassifier.classify(transport: fault ?? .truncated, secrets: secrets))
    }

    private var isStreaming: Bool { if case .streaming = phase { true } else { false } }

    private func refuse(_ status: Int, _ headers: [(name: String, value: String)]) {
        let now = Timestamp(milliseconds: EventLoop.shared.epochMilliseconds)
        let failure = body.withUnsafeBytes {
            FailureClassifier.classify(status: status, headers: headers, body: $0, now: now, secrets: secrets)
        }
        fail(failure)
    }
}

extension ProviderCall: HTTPExchangeDelegate {
    func exchangeAnswered(status: Int, headers: [(name: String, value: String)]) {
        requestID = headers.first { $0.name == "request-id" || $0.name == "x-request-id" }?.value
        let type = headers.first { $0.name == "content-type" }?.value.lowercased() ?? ""
        // A page or a plain document is no stream, whatever its status says.
        let isStream = (200..<300).contains(status) && !type.contains("html") && !type.contains("json")
        phase = isStream ? .streaming : .refused(status: status, headers: headers)
        watchIdle()
    }

    func exchangeReceived(_ bytes: UnsafeRawBufferPointer) {
        switch phase {
        case .streaming:
            decoder.receive(bytes) { take($0) }
            // What follows the last word is of no interest, but its end lets the connection serve again.
            if case .over = phase { idleTimer?.arm(after: Self.lingering) }
        case .refused:
            progressAt = EventLoop.shared.now
            body.append(contentsOf: bytes.prefix(Self.errorBytes - body.count))
            if body.count == Self.errorBytes { endAnswer(nil) }
        case .waiting, .over: break
        }
    }

    func exchangeEnded(_ failure: HTTPFailure?) {
        exchange = nil
        endAnswer(failure.map(TransportFault.init))
        idleTimer?.cancel()
        idleTimer = nil
    }
}

extension ProviderCall: @LoopActor ModelCall {
    func abort() {
        receiver = nil
        phase = .over
        closeExchange()
    }
}

extension TransportFault {
    fileprivate init(_ failure: HTTPFailure) {
        switch failure {
        case .resolve: self = .resolve
        case .connect: self = .connect
        case .connectTimeout: self = .connectTimeout
        case .tls(let words): self = .tls(words)
        case .reset: self = .reset
        case .truncated: self = .truncated
        case .firstByteTimeout: self = .firstByteTimeout
        case .idleTimeout: self = .idleTimeout
        case .tooLarge: self = .tooLarge
        case .malformed(let words): self = .protocolError(words)
        }
    }
}
