/// A setting of a profile that cannot be taken.
public struct ProfileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The setting's key.
    public let key: String
    /// A sentence that names the key, and the nearest known one where it is unknown.
    public let description: String

    init(key: String, _ description: String) {
        self.key = key
        self.description = description
    }
}
