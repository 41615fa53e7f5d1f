import AgentEngine
import AgentProtocol

/// What comes out of a provider's answer. Bytes are valid during the call that hands them out.
enum StreamOutput {
    /// A piece of the answer, as `JSONEscaping` would write it: whole characters, never empty.
    case said(UnsafeRawBufferPointer)
    /// A piece of the reasoning, in the same form.
    case thought(UnsafeRawBufferPointer)
    /// A whole tool call; said when the answer is whole, so that no call of a broken answer is ever acted on.
    case called(ToolCall)
    /// What the request has used, as far as it is known now; replaces what was said before.
    case reported(Usage)
    /// What must go back to the provider with this step: said at most once, before `ended`.
    case keep([UInt8])
    /// Something of the answer has arrived that shows nothing yet, such as a part of a tool call's arguments.
    case progress
    /// The answer is whole; `providerReason` is the provider's own word for why it ended.
    case ended(StopReason, providerReason: String)
    /// The answer failed.
    case failed(ErrorRecord)
}
