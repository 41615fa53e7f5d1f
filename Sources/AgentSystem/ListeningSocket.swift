/// A socket that clients connect to, made by us or by somebody for us.
public protocol ListeningSocket: Sendable {
    /// Where clients connect.
    var path: String { get }
    /// The listening socket, non-blocking and closed on exec; valid until `close`.
    var fileDescriptor: Int32 { get }
    /// Whether somebody else keeps it open, so that clients may wait for the daemon that comes next.
    var outlivesUs: Bool { get }
    /// Stops listening.
    func close()
}
