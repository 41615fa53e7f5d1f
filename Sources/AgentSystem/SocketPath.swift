import CLinux
import Glibc
import Synchronization

/// A listening Unix socket and the path it stands at, owned from the first check to the removal.
///
/// A dead daemon's socket is replaced, a living daemon's never: the lock beside the path tells them apart. The path
/// appears by a rename of a socket that listens already and has its final owner and mode, so a client finds either
/// the old daemon, or nothing, or a daemon that answers, with no moment at which a stranger could connect.
public final class SocketPath: ListeningSocket {
    /// Another daemon serves this path.
    public struct InUse: Error, Sendable, CustomStringConvertible {
        /// The path of the socket.
        public let path: String

        /// One line for the operator.
        public var description: String { "another agentd serves \(path)" }
    }

    private struct Possession: ~Copyable {
        let place: SocketPlace
        let identity: FileStatus.Identity
        let socket: Descriptor
        let lock: FileLock
    }

    /// Where clients connect.
    public let path: String

    /// The listening socket, non-blocking and closed on exec; valid until `close`.
    public let fileDescriptor: Int32

    /// It is closed when the daemon ends.
    public var outlivesUs: Bool { false }

    private let possession: Mutex<Possession?>

    /// Takes the path and listens.
    ///
    /// - Parameters:
    ///   - path: at most 107 bytes. A missing directory is created with mode 0750; one that everybody may write to is
    ///     refused, unless it is sticky like `/tmp`.
    ///   - mode: the permission bits of the socket; connecting needs write permission.
    ///   - group: a group's name or number; nil leaves the daemon's own group.
    /// - Throws: `InUse` when a daemon serves the path; `SystemError` when something else than an old socket of ours
    ///   stands there, or the system refuses a step. Nothing is left behind then but the lock file.
    public init(path: String, mode: UInt16 = 0o660, group: String? = nil) throws {
        let place = try SocketPlace(path)
        let groupID = try group.map { try UserGroup.id(of: $0) }
        try place.verifyReplaceable()
        let lock = try place.lock()

        let temporary = place.temporaryName
        // Left by a process of the same number that was killed here; in a container that is the usual case.
        place.remove(temporary)
        let socket = try Self.bind(place, temporary)
        let identity: FileStatus.Identity
        do throws(SystemError) {
            identity = try Self.open(place, temporary, mode: mode, group: groupID)
            guard listen(socket.number, SOMAXCONN) == 0 else { throw .last("listen on", path) }
            guard renameat(place.directory.number, temporary, place.directory.number, place.name) == 0 else {
                throw .last("rename socket to", path)
            }
        } catch {
            place.remove(temporary)
            throw error
        }
        self.path = path
        fileDescriptor = socket.number
        possession = Mutex(Possession(place: place, identity: identity, socket: socket, lock: lock))
    }

    deinit { close() }

    /// Stops listening and removes the path, unless somebody has put another file there; repeating it does nothing.
    public func close() {
        possession.withLock { possession in
            guard let held = possession.take() else { return }
            let standing = try? FileStatus.at(held.place.name, in: held.place.directory.number, shownAs: path)
            // The comparison holds while our socket is open: until then its inode's number is not used again.
            if standing?.identity == held.identity { held.place.remove(held.place.name) }
        }
    }

    private static func bind(_ place: borrowing SocketPlace, _ name: String) throws(SystemError) -> Descriptor {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        guard let socket = Descriptor(socket(AF_UNIX, kind, 0)) else { throw .last("socket") }
        guard let address = place.address(of: name) else {
            throw SystemError(operation: "bind", path: place.path, errno: ENAMETOOLONG)
        }
        // The file takes its mode from the socket, less the umask: it begins closed to others without touching the
        // umask, which belongs to every thread of the process.
        guard fchmod(socket.number, 0o600) == 0 else { throw .last("fchmod", place.path) }
        guard address.withPointer({ Glibc.bind(socket.number, $0, $1) }) == 0 else {
            throw .last("bind", place.path)
        }
        return socket
    }

    /// Gives the new file its group and mode, through a descriptor of the file itself: a link put in its place by
    /// somebody who may write to the directory is not followed.
    private static func open(
        _ place: borrowing SocketPlace, _ name: String, mode: UInt16, group: UInt32?
    ) throws(SystemError) -> FileStatus.Identity {
        guard let file = Descriptor(agentd_open_place(place.directory.number, name, O_NOFOLLOW)) else {
            throw .last("open", place.path)
        }
        let status = try FileStatus.of(file, shownAs: place.path)
        guard status.kind == .socket, status.isOurs else {
            throw SystemError(
                operation: "bind", path: place.path, errno: EPERM, hint: "somebody replaced the new socket")
        }
        let itself = "/proc/self/fd/\(file.number)"
        if let group, chown(itself, uid_t.max, group) != 0 {
            throw .last("chown", place.path, hint: "the daemon's user must be a member of group \(group)")
        }
        guard chmod(itself, mode_t(mode)) == 0 else { throw .last("chmod", place.path) }
        return status.identity
    }
}
