import AgentHTTP
import AgentLoop
import AgentTestKit
import Glibc
import Testing

@Suite struct HTTPClientTests {
    init() { LoopFixture.start() }

    /// One client for all tests: it hooks itself into the one loop.
    @LoopActor private static let client = HTTPClient()

    @LoopActor private var client: HTTPClient { Self.client }

    private func request(_ server: ProviderServer, body: String = "{}") -> HTTPRequest {
        HTTPRequest(url: server.url + "/v1/x", headers: [("x-test", "yes")], body: Array(body.utf8))
    }

    @Test @LoopActor func sendsWhatItIsGivenAndStreamsTheAnswer() async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { connection, request in
            connection.sendStreamHead(extra: "request-id: r1\r\n")
            connection.sendChunk(request.line + "|" + (request.headers["x-test"] ?? "") + "|")
            connection.sendChunk(String(decoding: request.body, as: UTF8.self))
            connection.sendLastChunk()
        }
        defer { server.close() }
        _ = client.start(request(server, body: #"{"a":1}"#), delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == nil && recorder.status == 200)
        #expect(recorder.text == #"POST /v1/x HTTP/1.1|yes|{"a":1}"#)
        #expect(recorder.headers.contains { $0.name == "request-id" && $0.value == "r1" })
    }

    @Test @LoopActor func handsBytesOnBeforeTheAnswerIsWhole() async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { connection, _ in
            connection.sendStreamHead()
            connection.sendChunk("first")
            connection.waitForClose()
        }
        defer { server.close() }
        let exchange = client.start(request(server), delegate: recorder)
        #expect(await eventually { recorder.text == "first" })
        #expect(!recorder.isOver)
        exchange.abort()
    }

    @Test @LoopActor func keepsAConnectionForTheNextExchange() async {
        let server = ProviderServer { connection, _ in connection.sendWhole(status: "200 OK", "done") }
        defer { server.close() }
        for _ in 1...3 {
            let recorder = ExchangeRecorder()
            _ = client.start(request(server), delegate: recorder)
            #expect(await eventually { recorder.isOver })
            #expect(recorder.text == "done")
        }
        #expect(server.connectionCount == 1)
    }

    /// Says one byte of its answer, and then nothing until the client goes away.
    private static func stuckServer(_ closed: Flag) -> ProviderServer {
        ProviderServer { connection, _ in
            connection.sendStreamHead()
            connection.sendChunk("x")
            connection.waitForClose()
            closed.set()
        }
    }

    @Test @LoopActor func anAbortClosesTheConnectionAndSaysNothing() async {
        let recorder = ExchangeRecorder()
        let closed = Flag()
        let server = Self.stuckServer(closed)
        defer { server.close() }
        let exchange = client.start(request(server), delegate: recorder)
        #expect(await eventually { recorder.bodyBytes == 1 })
        exchange.abort()
        #expect(await eventually { closed.isSet })
        #expect(!recorder.isOver)
    }

    @Test @LoopActor func anAbortInsideACallbackIsAnAbort() async {
        let recorder = ExchangeRecorder()
        let closed = Flag()
        let server = Self.stuckServer(closed)
        defer { server.close() }
        let exchange = client.start(request(server), delegate: recorder)
        recorder.onBody = { exchange.abort() }
        #expect(await eventually { closed.isSet })
        #expect(!recorder.isOver && recorder.bodyBytes == 1)
    }

    @Test @LoopActor func anAbortBeforeAnythingHasHappenedIsAnAbort() async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { connection, _ in connection.waitForClose() }
        defer { server.close() }
        for url in [server.url, "http://a-name-that-nobody-has.invalid/"] {
            client.start(HTTPRequest(url: url, headers: [], body: []), delegate: recorder).abort()
        }
        await nextMillisecond()
        #expect(!recorder.isOver)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", HTTPFailure.truncated),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", .truncated),
        ("", .reset),
    ])
    @LoopActor func anAnswerThatIsCutOffIsNoAnswer(answer: String, failure: HTTPFailure) async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { connection, _ in
            connection.send(answer)
            connection.finish()
        }
        defer { server.close() }
        _ = client.start(request(server), delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == failure && recorder.endings == 1)
    }

    @Test @LoopActor func aResetIsAReset() async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { connection, _ in
            connection.sendStreamHead()
            connection.sendChunk("x")
            connection.reset()
        }
        defer { server.close() }
        _ = client.start(request(server), delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == .reset)
    }

    @Test @LoopActor func silenceBeforeTheFirstByteHasALimit() async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { connection, _ in connection.waitForClose() }
        defer { server.close() }
        var request = request(server)
        request.firstByteTimeout = .milliseconds(50)
        _ = client.start(request, delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == .firstByteTimeout)
    }

    @Test @LoopActor func aConnectionThatIsNotTakenHasALimit() async {
        let recorder = ExchangeRecorder()
        // A listener whose queue is full answers no further connection.
        let full = FullListener()
        defer { full.close() }
        var request = HTTPRequest(url: full.url, headers: [], body: [])
        request.connectTimeout = .milliseconds(100)
        _ = client.start(request, delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == .connectTimeout)
    }

    @Test @LoopActor func nobodyThereIsSaid() async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { _, _ in }
        let url = server.url
        server.close()
        _ = client.start(HTTPRequest(url: url, headers: [], body: []), delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == .connect)
    }

    @Test @LoopActor func aNameThatNobodyHasIsSaid() async {
        let recorder = ExchangeRecorder()
        let request = HTTPRequest(url: "http://a-name-that-nobody-has.invalid/", headers: [], body: [])
        _ = client.start(request, delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == .resolve)
    }

    @Test @LoopActor func aRedirectIsAnAnswerAndNotFollowed() async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { connection, _ in
            connection.sendWhole(status: "307 Temporary Redirect", headers: "location: /elsewhere\r\n", "go away")
        }
        defer { server.close() }
        _ = client.start(request(server), delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.status == 307 && recorder.text == "go away")
    }

    @Test @LoopActor func anInterimAnswerIsNotTheAnswer() async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { connection, _ in
            connection.send("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n")
            connection.sendWhole(status: "200 OK", headers: "a: b\r\n", "real")
        }
        defer { server.close() }
        _ = client.start(request(server), delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.status == 200 && recorder.text == "real")
        #expect(!recorder.headers.contains { $0.name == "link" })
    }

    @Test @LoopActor func aFloodOfHeadersIsRefused() async {
        let recorder = ExchangeRecorder()
        let server = ProviderServer { connection, _ in
            connection.send("HTTP/1.1 200 OK\r\n")
            let field = String(repeating: "x", count: 1000)
            for number in 0..<10_000 where !connection.send("h\(number): \(field)\r\n") { return }
        }
        defer { server.close() }
        _ = client.start(request(server), delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == .tooLarge)
    }

    @Test @LoopActor func aFastSenderGetsItsShareOfATurnAndNoMore() async {
        let recorder = ExchangeRecorder()
        let total = 64 << 20
        let server = ProviderServer { connection, _ in
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: \(total)\r\n\r\n")
            let block = [UInt8](repeating: 0x61, count: 1 << 20)
            for _ in 0..<(total >> 20) where !connection.send(block) { return }
        }
        defer { server.close() }
        recorder.keepsBody = false
        _ = client.start(request(server), delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == nil && recorder.bodyBytes == total)
        // One callback may bring up to 16 KiB beyond the share.
        #expect((recorder.bytesByTurn.values.max() ?? 0) <= 80 * 1024)
    }

    @Test @LoopActor func anExchangeMayBeginInsideACallbackOfAnother() async {
        let server = ProviderServer { connection, _ in connection.sendWhole(status: "200 OK", "done") }
        defer { server.close() }
        let first = ExchangeRecorder()
        let second = ExchangeRecorder()
        let request = request(server)
        first.onBody = { if !second.isOver { _ = client.start(request, delegate: second) } }
        _ = client.start(request, delegate: first)
        #expect(await eventually { first.isOver && second.isOver })
        #expect(second.failure == nil && second.text == "done")
    }

    @Test @LoopActor func aProxyOfTheEnvironmentIsNotAsked() async {
        let server = ProviderServer { connection, request in connection.sendWhole(status: "200 OK", request.line) }
        defer { server.close() }
        // Nobody listens there; every exchange of this process names its proxy, so no other test is disturbed.
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] { setenv(name, "http://127.0.0.1:1", 1) }
        let recorder = ExchangeRecorder()
        _ = client.start(request(server), delegate: recorder)
        #expect(await eventually { recorder.isOver })
        #expect(recorder.failure == nil && recorder.text == "POST /v1/x HTTP/1.1")
    }
}
