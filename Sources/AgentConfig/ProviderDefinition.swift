/// A place where models are asked.
public struct ProviderDefinition: Equatable, Sendable {
    /// What protocol it speaks.
    public enum Kind: String, Sendable, CaseIterable {
        /// Plays prepared answers; built in, needs no network.
        case script
    }

    /// The part of an agent's `model` before the slash.
    public var name: String
    /// What protocol it speaks.
    public var kind: Kind

    /// A provider with everything said.
    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}
