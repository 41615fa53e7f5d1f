public import AgentProtocol

/// Something that answers model requests: a vendor's API, or a script.
///
/// Confined like the engine itself; implementations on the loop conform in the loop's isolation.
public protocol ModelProvider: AnyObject {
    /// Begins one request. The receiver hears of it later, never during this call.
    func open(_ request: ModelRequest, for receiver: any ModelReceiver) -> any ModelCall
}

/// One request under way.
public protocol ModelCall: AnyObject {
    /// Ends the request now; its receiver hears nothing more.
    func abort()
}

/// Hears what the model says. One `modelEnded` or `modelFailed` is the last word of a call.
public protocol ModelReceiver: AnyObject {
    /// A piece of the answer: text that is valid inside a JSON string as we write them, whole characters only.
    func modelSaid(_ escaped: UnsafeRawBufferPointer)
    /// A piece of the reasoning, in the same form.
    func modelThought(_ escaped: UnsafeRawBufferPointer)
    /// A whole tool call.
    func modelCalled(_ call: ToolCall)
    /// What the request has used so far; a later report replaces an earlier one.
    func modelReported(_ usage: Usage)
    /// What must go back to the provider with this step, in the provider's own words.
    func modelKept(_ data: [UInt8])
    /// The answer is whole; `providerReason` is the provider's own word for why it ended.
    func modelEnded(_ reason: StopReason, providerReason: String?)
    /// The request failed, and may be made again as the advice says.
    func modelFailed(_ error: ErrorRecord, retry: RetryAdvice)
}

/// What a model is asked.
public struct ModelRequest: Sendable {
    /// The model, in the provider's words.
    public var model: String
    /// What the agent is told to be; nil for nothing.
    public var instructions: String?
    /// The conversation, oldest first, ending with what is to be answered.
    public var messages: [Message]
    /// Counts the requests of a run from 1.
    public var step: Int

    /// A request with everything said.
    public init(model: String, instructions: String?, messages: [Message], step: Int) {
        self.model = model
        self.instructions = instructions
        self.messages = messages
        self.step = step
    }
}

/// A call that the model wants made.
public struct ToolCall: Equatable, Sendable {
    /// The call's name, as the model gave it.
    public var id: ToolCallID
    /// The tool that is wanted.
    public var name: String
    /// The arguments; nil when what the model wrote is not an object.
    public var arguments: JSONObject?
    /// What the model wrote, where it is not an object.
    public var rawArguments: String?

    /// A call with everything said.
    public init(id: ToolCallID, name: String, arguments: JSONObject?, rawArguments: String? = nil) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.rawArguments = rawArguments
    }
}
