public import AgentLoop

/// Hears one exchange. Everything comes on the loop; `exchangeEnded` is the last word, and does not come after an abort.
@LoopActor public protocol HTTPExchangeDelegate: AnyObject {
    /// The status line and all header fields are there.
    func exchangeAnswered(status: Int, headers: [(name: String, value: String)])
    /// Bytes of the body, as they came; gone when the call returns.
    func exchangeReceived(_ bytes: UnsafeRawBufferPointer)
    /// The body is whole, or something went wrong; nil for whole.
    func exchangeEnded(_ failure: HTTPFailure?)
}
