public import AgentLoop
internal import CCurl

/// One request and its answer, under way.
@LoopActor public final class HTTPExchange {
    /// Body bytes handed on in one turn of the loop. A sender that is faster is paused until the next turn, or it would
    /// keep libcurl, and with it every other run, busy for as long as it likes. A hundred of them at once then make turns
    /// of five milliseconds; with larger shares turns are longer, and tokens a little cheaper.
    static let bytesPerTurn = 16 * 1024
    /// Bytes of header fields, all together.
    static let headerBytes = 128 * 1024

    let easy: UnsafeMutableRawPointer
    private unowned let client: HTTPClient
    private var delegate: (any HTTPExchangeDelegate)?
    /// What libcurl only borrows: alive as long as the handle.
    private let body: UnsafeMutableBufferPointer<UInt8>
    private let headerList: UnsafeMutablePointer<curl_slist>?
    private let errorText = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var deadline: LoopTimer?
    private var headers: [(name: String, value: String)] = []
    private var headerCount = 0
    private var hasAnswered = false
    private(set) var isOver = false
    /// Why we ended it ourselves, inside a callback.
    var verdict: HTTPFailure?
    private var budgetTurn: UInt64 = 0
    private var budget = HTTPExchange.bytesPerTurn

    init(
        _ request: HTTPRequest, easy: UnsafeMutableRawPointer, client: HTTPClient, delegate: any HTTPExchangeDelegate
    ) {
        self.easy = easy
        self.client = client
        self.delegate = delegate
        body = .allocate(capacity: max(request.body.count, 1))
        _ = body.initialize(from: request.body)
        var list: UnsafeMutablePointer<curl_slist>?
        // The empty one keeps libcurl from asking for permission before it sends a body.
        for header in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
            list = curl_slist_append(list, header)
        }
        headerList = list
        errorText.initialize(repeating: 0)
        setUp(request)
        let timer = LoopTimer { [unowned self] in end(.firstByteTimeout) }
        deadline = timer
        timer.arm(after: request.firstByteTimeout)
    }

    isolated deinit {
        body.deallocate()
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    private func setUp(_ request: HTTPRequest) {
        agentd_curl_text(easy, CURLOPT_URL, request.url)
        agentd_curl_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        agentd_curl_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        // Plain keep-alive: the most robust of libcurl's ways with many streams.
        agentd_curl_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        agentd_curl_text(easy, CURLOPT_PROXY, request.proxy ?? "")
        agentd_curl_long(easy, CURLOPT_POST, 1)
        agentd_curl_long(easy, CURLOPT_POSTFIELDSIZE, request.body.count)
        agentd_curl_pointer(easy, CURLOPT_POSTFIELDS, body.baseAddress)
        agentd_curl_headers(easy, headerList)
        agentd_curl_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(request.connectTimeout / .milliseconds(1))))
        agentd_curl_long(easy, CURLOPT_NOSIGNAL, 1)
        // Without it an abort during a name look-up waits for the look-up, and the loop with it.
        agentd_curl_long(easy, CURLOPT_QUICK_EXIT, 1)
        agentd_curl_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        agentd_curl_pointer(easy, CURLOPT_ERRORBUFFER, errorText.baseAddress)
        if let caFile = request.caFile { agentd_curl_text(easy, CURLOPT_CAINFO, caFile) }
        agentd_curl_callbacks(easy, onBody, onHeader, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Ends the exchange and closes its connection, now. The delegate hears nothing more.
    public func abort() {
        delegate = nil
        end(.reset)
    }

    /// Ends the exchange and closes its connection because nothing worth having came for too long.
    public func abortIdle() { end(.idleTimeout) }

    /// Ends it from our side; inside a callback of libcurl the handle goes when the callback has returned.
    private func end(_ failure: HTTPFailure) {
        guard !isOver, verdict == nil else { return }
        verdict = failure
        client.end(self)
    }

    /// The handle is gone: says so, once.
    func finished(_ failure: HTTPFailure?) {
        guard !isOver else { return }
        isOver = true
        deadline?.cancel()
        deadline = nil
        let delegate = self.delegate
        self.delegate = nil
        delegate?.exchangeEnded(failure)
    }

    /// libcurl's own words for what went wrong.
    func reason(_ code: CURLcode) -> String {
        let own = errorText.baseAddress.map { String(cString: $0) } ?? ""
        return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
    }

    // MARK: Callbacks

    /// Takes bytes of the body; returns what libcurl is to be told.
    fileprivate func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard verdict == nil else { return 0 }
        if budgetTurn != EventLoop.shared.turn {
            budgetTurn = EventLoop.shared.turn
            budget = Self.bytesPerTurn
        }
        guard budget > 0 else {
            client.pause(self)
            return agentd_curl_pause
        }
        budget -= bytes.count
        delegate?.exchangeReceived(bytes)
        return verdict == nil ? bytes.count : 0
    }

    /// Takes one line of the header; returns what libcurl is to be told.
    fileprivate func receivedHeader(_ line: UnsafeRawBufferPointer) -> Int {
        guard verdict == nil else { return 0 }
        headerCount += line.count
        guard headerCount <= Self.headerBytes else {
            verdict = .tooLarge
            client.end(self)
            return 0
        }
        let text = String(decoding: line, as: UTF8.self).trimmingLineEnd
        if text.hasPrefix("HTTP/") {
            // An interim answer (1xx) is followed by the real one.
            headers = []
        } else if text.isEmpty {
            let status = agentd_curl_status(easy)
            guard status >= 200, !hasAnswered else { return line.count }
            hasAnswered = true
            deadline?.cancel()
            delegate?.exchangeAnswered(status: status, headers: headers)
        } else if !hasAnswered, let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append((name: text[..<colon].lowercased(), value: String(value)))
        }
        return verdict == nil ? line.count : 0
    }
}

extension String {
    fileprivate var trimmingLineEnd: String {
        var text = Substring(self)
        while let last = text.unicodeScalars.last, last == "\r" || last == "\n" { text.unicodeScalars.removeLast() }
        return String(text)
    }
}

private let onBody: agentd_curl_write = { bytes, size, count, context in
    LoopActor.enter(context!, UnsafeRawBufferPointer(start: bytes, count: size * count)) {
        (exchange: HTTPExchange, bytes) in exchange.received(bytes)
    }
}

private let onHeader: agentd_curl_write = { bytes, size, count, context in
    LoopActor.enter(context!, UnsafeRawBufferPointer(start: bytes, count: size * count)) {
        (exchange: HTTPExchange, bytes) in exchange.receivedHeader(bytes)
    }
}
