public import AgentProtocol

/// How one provider, or one family of its models, wants to be spoken to.
///
/// Vendors differ in data only: the two wire formats read these fields and know no vendor by name. Every field with a
/// key in `ProfileKeys` can be set from a configuration.
public struct ProviderProfile: Equatable, Sendable {
    /// The wire formats.
    public enum Wire: String, Sendable, CaseIterable {
        /// Chat completions.
        case openai
        /// Messages.
        case anthropic
    }

    /// How the key is shown.
    public enum Authorization: String, Sendable, CaseIterable {
        /// `Authorization: Bearer KEY`.
        case bearer
        /// `x-api-key: KEY`.
        case xAPIKey = "x-api-key"
        /// `api-key: KEY`.
        case apiKey = "api-key"
        /// No key is shown.
        case none
    }

    /// Which member bounds the length of the answer.
    public enum MaxTokensField: String, Sendable, CaseIterable {
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// As whom the instructions are told, where they are a message.
    public enum InstructionsRole: String, Sendable, CaseIterable {
        case system, developer, user
    }

    /// Where a model's reasoning goes back, for those that must see it again.
    public enum ReasoningField: String, Sendable, CaseIterable {
        /// It does not go back.
        case none
        case reasoningContent = "reasoning_content"
        case reasoning
        case reasoningDetails = "reasoning_details"
    }

    /// A header that every request carries.
    public struct Header: Equatable, Sendable {
        /// The header's name.
        public var name: String
        /// The header's value.
        public var value: String
    }

    /// What is different for models whose name begins like this.
    public struct ModelRule: Equatable, Sendable {
        /// The beginning of the model's name, in lower case; a vendor's prefix (`openai/`) is not looked at.
        public var prefix: String
        /// Settings as `apply` takes them.
        public var settings: JSONObject
    }

    /// The preset's name.
    public var name: String
    /// The wire format.
    public var wire: Wire
    /// Where the API is, without a slash at the end; empty when only the user can know.
    public var baseURL = ""
    /// What is asked there, beginning with a slash.
    public var path = "/chat/completions"
    /// How the key is shown.
    public var authorization = Authorization.bearer
    /// Whether there is no sense in asking without a key.
    public var requiresKey = true
    /// Headers of every request beside the key.
    public var headers: [Header] = []

    /// Which member bounds the answer.
    public var maxTokensField = MaxTokensField.maxTokens
    /// The bound that is sent; nil sends none, which `requiresMaxTokens` forbids.
    public var maxTokens: Int64?
    /// Whether a request without a bound is refused.
    public var requiresMaxTokens = false
    /// The temperature that is sent; nil sends none.
    public var temperature: Double?
    /// Whether a temperature may be sent at all.
    public var acceptsTemperature = true
    /// Whether usage must be asked for in the stream's options.
    public var asksForUsage = true
    /// As whom the instructions are told.
    public var instructionsRole = InstructionsRole.system
    /// Longest tool name.
    public var toolNameLimit = 64
    /// Longest name of a tool call.
    public var callIDLimit = 40
    /// Whether a call's name must be exactly so long, of letters and digits only.
    public var callIDIsExact = false
    /// Where reasoning goes back.
    public var reasoningField = ReasoningField.none
    /// Whether extra members of a tool call (signatures) go back with it.
    public var returnsCallExtras = false
    /// Whether `<think>` at the beginning of the text marks reasoning.
    public var readsThinkTags = false
    /// Whether an answer must stand between a tool's result and the next question.
    public var wantsAnswerAfterTool = false
    /// Whether tools that the conversation mentions must be declared, even if none may be called.
    public var declaresPastTools = false
    /// Members added to every request as they stand.
    public var extraBody = JSONObject()
    /// What is different for some models; later rules win.
    public var models: [ModelRule] = []

    init(name: String, wire: Wire) {
        self.name = name
        self.wire = wire
    }

    /// The profile for one model: the rules that fit its name are applied.
    public func adjusted(for model: String) -> ProviderProfile {
        let tail = model.split(separator: "/").last.map(String.init) ?? model
        let name = tail.lowercased()
        var adjusted = self
        for rule in models where name.hasPrefix(rule.prefix) {
            do throws(ProfileError) { try adjusted.apply(rule.settings) } catch {
                assertionFailure("a model rule is wrong: \(error)")
            }
        }
        return adjusted
    }
}
