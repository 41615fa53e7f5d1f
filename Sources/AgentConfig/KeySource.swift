/// Where a provider's key is found when the daemon starts. The key itself is never part of a configuration.
public enum KeySource: Equatable, Sendable {
    /// In the environment variable of this name; it has to be set.
    case environment(String)
    /// In a vendor's own environment variable, or where that is not set, in the service manager's credential.
    case vendor(variable: String, credential: String)
    /// In the file at this path, which only the daemon's user may read.
    case file(String)
    /// In the service manager's credential of this name, if there is one; else there is no key, as for a server at home.
    case credential(String)
    /// Nowhere: the provider takes none.
    case none

    /// The environment variable that is looked at, if any is.
    public var variable: String? {
        switch self {
        case .environment(let name), .vendor(let name, _): name
        case .file, .credential, .none: nil
        }
    }
}
