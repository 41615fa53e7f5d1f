/// A reader of what strangers wrote, and the promises that it keeps for every input.
///
/// The same bodies are attacked by libFuzzer and replayed by the tests.
package struct FuzzTarget: Sendable {
    /// The target's name, and that of its directories.
    package let name: String
    private let body: @Sendable (UnsafeRawBufferPointer) throws(Finding) -> Void

    private init(_ name: String, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws(Finding) -> Void) {
        self.name = name
        self.body = body
    }

    /// Every target.
    package static let all = [
        FuzzTarget("lines", LineTarget.check),
        FuzzTarget("frame", FrameTarget.check),
        FuzzTarget("json", JSONTarget.check),
        FuzzTarget("sse", EventTarget.check),
        FuzzTarget("openai", VendorTarget.checkOpenAI),
        FuzzTarget("anthropic", VendorTarget.checkAnthropic),
        FuzzTarget("cursor", CursorTarget.check),
        FuzzTarget("config", ConfigTarget.check),
        FuzzTarget("boundaries", BoundariesTarget.check),
    ]

    /// The target of a name.
    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }

    /// Throws the first promise that the input breaks.
    package func check(_ input: UnsafeRawBufferPointer) throws(Finding) { try body(input) }
}
