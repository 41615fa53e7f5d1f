import CLinux
import Glibc

/// Who is at the other end of a Unix socket, as the kernel saw it when the connection was made.
///
/// A process that drops its privileges after connecting still reads as what it was; the pid may belong to another
/// process by the time it is read.
public struct PeerIdentity: Sendable, Equatable {
    /// The process that connected; for the log, never for a decision.
    public let pid: Int32
    /// Its effective user.
    public let uid: UInt32
    /// Its effective group; supplementary groups are not told.
    public let gid: UInt32

    /// Asks the kernel about a connected socket.
    ///
    /// - Throws: `SystemError` when the descriptor is not a connected Unix socket.
    public init(of fileDescriptor: Int32) throws(SystemError) {
        var peer = agentd_peer()
        guard agentd_peer_credentials(fileDescriptor, &peer) == 0 else { throw .last("read peer credentials") }
        pid = peer.pid
        uid = peer.uid
        gid = peer.gid
    }
}
