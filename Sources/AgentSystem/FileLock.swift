import Glibc

/// An exclusive lock on a file, for as long as this object lives.
///
/// The kernel lets go of it when the process ends, however it ends, so a lock is never stale. The file is left behind
/// on purpose: removing it would let two processes hold a lock on two files of one name.
public final class FileLock: Sendable {
    /// Another process (or another lock of this one) has it.
    public struct Held: Error, Sendable, CustomStringConvertible {
        /// The lock file.
        public let path: String

        /// One line with the path.
        public var description: String { "\(path) is locked by another process" }
    }

    private let descriptor: Descriptor

    /// Takes the lock without waiting; creates the file, readable and writable by its owner only, if it is missing.
    ///
    /// - Throws: `Held` when somebody else has it; `SystemError` when the file cannot be opened, is not a regular file
    ///   (links are not followed), or belongs to somebody other than us and root.
    public convenience init(path: String) throws {
        try self.init(name: path, in: AT_FDCWD, shownAs: path)
    }

    /// The same for a name in an open directory.
    init(name: String, in directory: Int32, shownAs path: String) throws {
        let number = openat(directory, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard let descriptor = Descriptor(number) else {
            throw SystemError.last("open", path, hint: errno == ELOOP ? "a lock file must not be a link" : nil)
        }
        let status = try FileStatus.of(descriptor, shownAs: path)
        guard status.kind == .regularFile else {
            throw SystemError(operation: "lock", path: path, errno: EINVAL, hint: "it is \(status.kind.noun)")
        }
        guard status.isOursOrRoots else {
            throw SystemError(operation: "lock", path: path, errno: EPERM, hint: "it belongs to uid \(status.owner)")
        }
        // Whoever can open the file can lock it, and so keep us from starting.
        if status.isOpenToOthers, fchmod(descriptor.number, 0o600) != 0 { throw SystemError.last("chmod", path) }
        guard flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK { throw Held(path: path) }
            throw SystemError.last("flock", path)
        }
        self.descriptor = descriptor
    }
}
