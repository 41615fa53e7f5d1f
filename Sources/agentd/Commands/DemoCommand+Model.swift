import ArgumentParser
import Glibc

extension DemoCommand {
    /// The real model that answers in the demo, where the environment says enough to ask one.
    struct Model: Equatable {
        /// The provider's name in the configuration, which is also its kind.
        let provider: String
        /// What the vendor calls it.
        let name: String
        /// Where it is asked; nil for the vendor's own server.
        let baseURL: String?
        /// The variable that holds the key; nil for a server that takes none.
        let keyVariable: String?
        /// The variables that made this the model.
        let reason: String

        /// The key as a child's environment has it; empty for a server that takes none.
        var keySetting: [String] {
            guard let keyVariable, let key = DemoCommand.variable(keyVariable) else { return [] }
            return ["\(keyVariable)=\(key)"]
        }

        /// The model that the environment asks for; nil leaves the demo to the built-in script.
        ///
        /// - Throws: `ClientFailure` when a server is named and none of its models is.
        static func chosen(
            by variable: (String) -> String? = DemoCommand.variable
        ) throws(ClientFailure) -> Model? {
            let wanted = variable("AGENTD_DEMO_MODEL")
            if variable("ANTHROPIC_API_KEY") != nil {
                return Model(
                    provider: "anthropic", name: wanted ?? "claude-haiku-4-5",
                    baseURL: variable("ANTHROPIC_BASE_URL"), keyVariable: "ANTHROPIC_API_KEY",
                    reason: "ANTHROPIC_API_KEY is set")
            }
            let key = variable("OPENAI_API_KEY").map { _ in "OPENAI_API_KEY" }
            let named = wanted ?? variable("OPENAI_MODEL")
            guard let base = variable("OPENAI_BASE_URL") else {
                guard let key else { return nil }
                return Model(
                    provider: "openai", name: named ?? "gpt-4o-mini", baseURL: nil, keyVariable: key,
                    reason: "\(key) is set")
            }
            guard let named else {
                throw ClientFailure(
                    "OPENAI_BASE_URL is set and no model is: name one of that server's with AGENTD_DEMO_MODEL or "
                        + "OPENAI_MODEL, or unset OPENAI_BASE_URL", ExitStatus.configuration)
            }
            return Model(
                provider: "openai", name: named, baseURL: base, keyVariable: key, reason: "OPENAI_BASE_URL is set")
        }
    }

    /// The value of a variable of the caller's; an empty one counts as unset.
    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
