public import AgentLoop
internal import CCurl

/// HTTP exchanges on the loop, over libcurl's multi interface: no thread, no waiting.
@LoopActor public final class HTTPClient {
    private let multi: UnsafeMutableRawPointer
    private var exchanges: [UnsafeMutableRawPointer: HTTPExchange] = [:]
    private var sockets: [curl_socket_t: SocketWatch] = [:]
    private var paused: [HTTPExchange] = []
    private var ended: [HTTPExchange] = []
    /// Started in a callback of libcurl, which takes no handle before the callback has returned.
    private var begun: [HTTPExchange] = []
    /// Whether a call into libcurl is under way, in which no handle may be added or removed.
    private var isInside = false
    private var isDue = false
    private lazy var timer = LoopTimer { [unowned self] in isDue = true }

    /// A client with an empty pool of connections, which keeps so many idle ones for the next exchange. Left to itself
    /// libcurl drops them whenever few are in use.
    public init(keptConnections: Int = 512) {
        // Thread-safe and idempotent since 7.84; nothing else in the process uses libcurl.
        curl_global_init(Int(CURL_GLOBAL_ALL))
        guard let multi = curl_multi_init() else { preconditionFailure("libcurl has no memory at start") }
        self.multi = multi
        agentd_curl_multi_long(multi, CURLMOPT_MAXCONNECTS, keptConnections)
        agentd_curl_multi_callbacks(multi, onSocket, onTimer, Unmanaged.passUnretained(self).toOpaque())
        EventLoop.shared.atTurnEnd { [unowned self] in turnEnd() }
    }

    /// Exchanges under way.
    public var liveExchanges: Int { exchanges.count }

    /// Starts an exchange. The delegate is kept until its last word, and hears nothing during this call.
    public func start(_ request: HTTPRequest, delegate: any HTTPExchangeDelegate) -> HTTPExchange {
        guard let easy = curl_easy_init() else { preconditionFailure("libcurl has no memory for a transfer") }
        let exchange = HTTPExchange(request, easy: easy, client: self, delegate: delegate)
        exchanges[easy] = exchange
        if isInside { begun.append(exchange) } else { add(exchange) }
        return exchange
    }

    private func add(_ exchange: HTTPExchange) { inside { _ = curl_multi_add_handle(multi, exchange.easy) } }

    // MARK: Calls into libcurl

    private func inside(_ body: () -> Void) {
        let wasInside = isInside
        isInside = true
        body()
        isInside = wasInside
    }

    fileprivate func act(on socket: curl_socket_t, _ readiness: Readiness) {
        var mask: Int32 = 0
        if readiness.contains(.readable) { mask |= CURL_CSELECT_IN }
        if readiness.contains(.writable) { mask |= CURL_CSELECT_OUT }
        if readiness.contains(.failed) || readiness.contains(.hungUp) { mask |= CURL_CSELECT_ERR | CURL_CSELECT_IN }
        var running: Int32 = 0
        inside { _ = curl_multi_socket_action(multi, socket, mask, &running) }
        settle()
    }

    /// What is due at the end of a turn: libcurl's own clock, and handles that callbacks have ended.
    private func turnEnd() -> Bool {
        guard isDue || !ended.isEmpty || !begun.isEmpty else { return false }
        if isDue {
            isDue = false
            var running: Int32 = 0
            inside { _ = curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running) }
        }
        settle()
        return true
    }

    /// Takes finished and ended handles out of libcurl, tells their delegates, and puts in what callbacks have started.
    private func settle() {
        guard !isInside else { return }
        var code = CURLE_OK
        while let easy = agentd_curl_finished(multi, &code) {
            guard let exchange = exchanges[easy] else { continue }
            let failure = code == CURLE_OK ? nil : HTTPFailure(code, words: exchange.reason(code))
            remove(exchange)
            exchange.finished(exchange.verdict ?? failure)
        }
        while let exchange = ended.popLast() {
            remove(exchange)
            exchange.finished(exchange.verdict)
        }
        let waiting = begun
        begun = []
        for exchange in waiting where !exchange.isOver { add(exchange) }
    }

    private func remove(_ exchange: HTTPExchange) {
        guard exchanges.removeValue(forKey: exchange.easy) != nil else { return }
        inside {
            curl_multi_remove_handle(multi, exchange.easy)
            curl_easy_cleanup(exchange.easy)
        }
    }

    // MARK: For exchanges

    /// Ends an exchange: at once, or when the callback under way has returned.
    func end(_ exchange: HTTPExchange) {
        guard !isInside else {
            ended.append(exchange)
            return
        }
        remove(exchange)
        exchange.finished(exchange.verdict)
    }

    /// An exchange has had its share of this turn; it goes on in the next.
    func pause(_ exchange: HTTPExchange) {
        if paused.isEmpty { EventLoop.post { [self] in resumePaused() } }
        paused.append(exchange)
    }

    private func resumePaused() {
        let turn = paused
        paused = []
        for exchange in turn where !exchange.isOver && exchange.verdict == nil {
            // May call back at once with what it has kept.
            inside { _ = curl_easy_pause(exchange.easy, CURLPAUSE_CONT) }
        }
        settle()
    }

    // MARK: What libcurl wants

    fileprivate func watch(_ socket: curl_socket_t, _ what: Int32) {
        guard what != CURL_POLL_REMOVE else {
            sockets.removeValue(forKey: socket)?.cancel()
            return
        }
        var interest: Readiness = []
        if what & CURL_POLL_IN != 0 { interest.insert(.readable) }
        if what & CURL_POLL_OUT != 0 { interest.insert(.writable) }
        if let known = sockets[socket] {
            known.update(interest)
        } else {
            sockets[socket] = SocketWatch(socket, interest, client: self)
        }
    }

    fileprivate func setTimer(milliseconds: Int) {
        switch milliseconds {
        case ..<0:
            timer.cancel()
            isDue = false
        case 0: isDue = true
        default: timer.arm(after: .milliseconds(milliseconds))
        }
    }
}

/// One of libcurl's sockets on the loop.
///
/// libcurl may close a socket and open another of the same number before it says a word; so a change of interest is a new
/// registration, and an old one is never taken to be still the kernel's.
@LoopActor private final class SocketWatch: ReadinessHandler {
    private let socket: curl_socket_t
    private unowned let client: HTTPClient
    private var registration: Registration?

    init(_ socket: curl_socket_t, _ interest: Readiness, client: HTTPClient) {
        self.socket = socket
        self.client = client
        update(interest)
    }

    func update(_ interest: Readiness) {
        cancel()
        do throws(LoopError) {
            registration = try EventLoop.shared.watch(socket, for: interest, handler: self)
        } catch {
            preconditionFailure("a socket of libcurl cannot be watched: \(error)")
        }
    }

    func cancel() {
        if let registration { EventLoop.shared.abandon(registration) }
        registration = nil
    }

    func ready(_ readiness: Readiness) { client.act(on: socket, readiness) }
}

private let onSocket: agentd_curl_socket = { _, socket, what, context, _ in
    LoopActor.enter(context!, (socket, what)) { (client: HTTPClient, wish) -> Int32 in
        client.watch(wish.0, wish.1)
        return 0
    }
}

private let onTimer: agentd_curl_timer = { _, milliseconds, context in
    LoopActor.enter(context!, milliseconds) { (client: HTTPClient, milliseconds) -> Int32 in
        client.setTimer(milliseconds: milliseconds)
        return 0
    }
}
