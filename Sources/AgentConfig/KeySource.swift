/// Where a provider's key is found when the daemon starts. The key itself is never part of a configuration.
public enum KeySource: Equatable, Sendable {
    /// In the environment variable of this name; it has to be set.
    case environment(String)
    /// In the file at this path, which only the daemon's user may read.
    case file(String)
    /// In the service manager's credential of this name, if there is one; else there is no key, as for a server at home.
    case credential(String)
    /// Nowhere: the provider takes none.
    case none
}
