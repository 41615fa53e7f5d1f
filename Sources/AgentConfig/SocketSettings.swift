/// The socket that clients connect to.
public struct SocketSettings: Equatable, Sendable {
    /// Where it stands; nil takes the standard place.
    public var path: String?
    /// Its permission bits; connecting needs write permission.
    public var mode: UInt16
    /// The group that may connect, by name or number; nil leaves the daemon's own.
    public var group: String?

    /// Settings for a socket of which nothing is said: the standard place, open to the owner and the daemon's group.
    public init(path: String? = nil, mode: UInt16 = 0o660, group: String? = nil) {
        self.path = path
        self.mode = mode
        self.group = group
    }
}
