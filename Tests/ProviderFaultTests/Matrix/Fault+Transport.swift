import AgentProviders
import AgentTestKit
import Glibc

/// Faults of connections, statuses and headers.
extension Fault {
    private static func elsewhere(_ name: String, _ address: @escaping @Sendable (ProviderServer) -> String) -> Fault {
        Fault(name) { _ in .goOn }.with { $0.address = address }
    }

    static let noName = elsewhere("no such name") { _ in "http://a-name-that-nobody-has.invalid" }

    static var nobodyThere: Fault {
        let port = RefusingPort()
        return elsewhere("nobody there") { _ in port.url }
    }

    static var connectionHangs: Fault {
        let queue = FullQueue()
        return elsewhere("connection hangs") { _ in queue.url }.with {
            $0.tune = { $0.connectTimeout = .milliseconds(150) }
        }
    }

    static let noTLS = Fault("no TLS") { _ in .goOn }.with {
        $0.address = { "https://127.0.0.1:\($0.port)" }
        $0.greet = { $0.send("220 this is something else\r\n\r\n") }
        $0.inspect = { evidence in
            var problems = evidence.connections == 1 ? [] : ["\(evidence.connections) connections were made"]
            if evidence.message?.contains("secure connection") != true { problems.append("the cause is not named") }
            return problems
        }
    }

    // MARK: Statuses

    private static let words = [
        400: ("Bad Request", "invalid_request_error"), 401: ("Unauthorized", "authentication_error"),
        403: ("Forbidden", "permission_error"), 404: ("Not Found", "not_found_error"),
        413: ("Content Too Large", "request_too_large"), 429: ("Too Many Requests", "rate_limit_error"),
        500: ("Internal Server Error", "api_error"), 502: ("Bad Gateway", "api_error"),
        503: ("Service Unavailable", "api_error"), 504: ("Gateway Timeout", "timeout_error"),
        529: ("", "overloaded_error"),
    ]

    static func status(_ status: Int) -> Fault {
        let (phrase, type) = words[status] ?? ("", "")
        return Fault("\(status)") { scene in
            scene.connection.sendWhole(
                status: "\(status) \(phrase)", headers: "content-type: application/json\r\n",
                scene.format.errorBody(type, "no, and your key is \(FaultHouse.key)"))
            return .over
        }.with {
            $0.inspect = { evidence in
                var problems: [String] = []
                if evidence.httpStatus != Int64(status) { problems.append("the status is not told") }
                // Half of our first pause, since there is no luck here.
                for delay in evidence.delays where delay != 250 { problems.append("a pause of \(delay) ms") }
                return problems
            }
        }
    }

    /// What a provider says of the time to wait.
    enum RetryAfter: String, Sendable { case seconds, date, past, day, nothing }

    static func rateLimit(_ wish: RetryAfter) -> Fault {
        Fault("429, \(wish.rawValue)") { scene in
            let header =
                switch wish {
                case .seconds: "retry-after: 1\r\n"
                case .date: "retry-after: \(HTTPDates.text(secondsFromNow: 2))\r\n"
                case .past: "retry-after: \(HTTPDates.text(secondsFromNow: -100))\r\n"
                case .day: "retry-after: 86400\r\n"
                case .nothing: ""
                }
            scene.connection.sendWhole(
                status: "429 Too Many Requests", headers: "content-type: application/json\r\n" + header,
                scene.format.errorBody("rate_limit_error", "slow down"))
            return .over
        }.with {
            $0.inspect = { evidence in
                guard let gap = evidence.gap else { return [] }
                let least: Duration =
                    switch wish {
                    case .seconds: .seconds(1)
                    // A date has whole seconds: up to one of the two has passed when it is written.
                    case .date: .seconds(1)
                    case .past, .day: .zero
                    case .nothing: .milliseconds(250)
                    }
                return gap >= least ? [] : ["asked again after \(gap), not \(least)"]
            }
        }
    }

    static let noMoney = Fault("no money") { scene in
        guard scene.position == .beforeHeaders else {
            return .instead([scene.format.error("insufficient_quota", "You exceeded your current quota")])
        }
        scene.connection.sendWhole(
            status: "429 Too Many Requests", headers: "content-type: application/json\r\nretry-after: 1\r\n",
            scene.format.errorBody("insufficient_quota", "You exceeded your current quota"))
        return .over
    }.with { $0.inspect = { $0.isRetryable == false ? [] : ["it is said to be worth another try"] } }

    // MARK: Pages

    private static let html = """
        <!DOCTYPE html>
        <html><head><title>Gateway</title></head>
        <body>key \(FaultHouse.key)</body></html>

        """

    static func wholePage(_ status: String) -> Fault {
        Fault("page, \(status)") { scene in
            scene.connection.sendWhole(status: status, headers: "content-type: text/html\r\n", html)
            return .over
        }
    }

    static let page = Fault("page") { _ in .instead([Array(html.utf8)]) }

    // MARK: Ends

    static let reset = Fault("reset") { scene in
        scene.connection.reset()
        return .over
    }

    static let close = Fault("close") { scene in
        scene.connection.finish()
        return .over
    }

    static let cleanEnd = Fault("clean end") { _ in .instead([]) }

    // MARK: Silence

    private static func impatient(_ endpoint: inout ProviderEndpoint) {
        endpoint.firstByteTimeout = .milliseconds(500)
        endpoint.idleTimeout = .milliseconds(400)
    }

    static let silence = Fault("silence") { scene in
        scene.connection.waitForClose()
        return .over
    }.with {
        $0.tune = impatient
        $0.staysOpen = true
    }

    static let headerDrip = Fault("header drip") { scene in
        var head = Array("HTTP/1.1 200 OK\r\nx-slow: \(String(repeating: "y", count: 4096))".utf8)[...]
        scene.connection.keepSending(every: 30) { head.popFirst().map { [$0] } ?? [0x79] }
        return .over
    }.with {
        $0.tune = impatient
        $0.staysOpen = true
    }

    static let drip = Fault("drip") { scene in
        let ping = scene.format.ping
        let comment = Array(": still here\n".utf8)
        var isPing = false
        scene.connection.keepSending(every: 30) {
            isPing.toggle()
            let event = isPing ? ping : comment
            return Array("\(String(event.count, radix: 16))\r\n".utf8) + event + Array("\r\n".utf8)
        }
        return .over
    }.with {
        $0.tune = impatient
        $0.staysOpen = true
    }

    static let errorEvent = Fault("error event") { scene in
        .instead([scene.format.error("overloaded_error", "Overloaded")])
    }

    // MARK: Headers

    private static let streamHead =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"

    private static func head(_ name: String, _ line: [UInt8]) -> Fault {
        Fault(name) { scene in
            scene.sendRest(head: Array(streamHead.utf8) + line + Array("\r\n\r\n".utf8))
            return .over
        }
    }

    static let badHeader = head("bad header", Array("request-id: ".utf8) + [0xFF, 0xFE, 0x41])
    static let strangeHeader = head("strange header", Array("x-strange: a, b=c; d\r\nx-empty:".utf8))

    static let gzip = Fault("gzip") { scene in
        scene.connection.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n")
        var block = [UInt8](repeating: 0xAB, count: 1 << 20)
        block[0] = 0x1F
        for _ in 0..<64 where !scene.connection.send(block) { break }
        scene.connection.finish()
        return .over
    }

    private static func flood(_ connection: ServerConnection) {
        let field = String(repeating: "x", count: 1000)
        for number in 0..<1000 where !connection.send("h\(number): \(field)\r\n") { return }
    }

    static let headerFlood = Fault("header flood") { scene in
        scene.connection.send("HTTP/1.1 200 OK\r\n")
        flood(scene.connection)
        return .over
    }

    static let trailerFlood = Fault("trailer flood") { scene in
        scene.connection.send("0\r\n")
        flood(scene.connection)
        return .over
    }

    static let redirect = Fault("redirect") { scene in
        scene.connection.sendWhole(status: "307 Temporary Redirect", headers: "location: /elsewhere\r\n", "")
        return .over
    }

    static let interim = Fault("1xx") { scene in
        scene.connection.send("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n")
        return .goOn
    }
}
