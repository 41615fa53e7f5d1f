import AgentHTTP
import AgentLoop

/// Writes down what an exchange says.
@LoopActor final class ExchangeRecorder: HTTPExchangeDelegate {
    private(set) var status: Int?
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    private(set) var bodyBytes = 0
    private(set) var failure: HTTPFailure?
    private(set) var endings = 0
    /// Body bytes by the turn in which they came.
    private(set) var bytesByTurn: [UInt64: Int] = [:]
    var keepsBody = true
    var onBody: () -> Void = {}

    var isOver: Bool { endings > 0 }
    var text: String { String(decoding: body, as: UTF8.self) }

    func exchangeAnswered(status: Int, headers: [(name: String, value: String)]) {
        self.status = status
        self.headers = headers
    }

    func exchangeReceived(_ bytes: UnsafeRawBufferPointer) {
        if keepsBody { body.append(contentsOf: bytes) }
        bodyBytes += bytes.count
        bytesByTurn[EventLoop.shared.turn, default: 0] += bytes.count
        onBody()
    }

    func exchangeEnded(_ failure: HTTPFailure?) {
        self.failure = failure
        endings += 1
    }
}
