import Glibc

/// Reads a secret from a file that only the daemon's user can read.
///
/// Permissions that are too wide are refused, not repaired: somebody may have read the key already.
public enum SecretFile {
    /// The largest file that is read. In bytes.
    public static let limit = 64 << 10

    /// Reads a regular file (links are not followed) of ours or root's that is closed to group and others.
    ///
    /// - Throws: `SystemError` that says what is wrong with the file and how to repair it; never what it holds.
    public static func read(_ path: String) throws(SystemError) -> Secret {
        let file = try SecretFile.open(path, in: AT_FDCWD, shownAs: path)
        let status = try verifiedStatus(of: file, shownAs: path)
        guard !status.isOpenToOthers else {
            throw SystemError(
                operation: operation, path: path, errno: EACCES,
                hint: "mode \(String(status.mode, radix: 8)) lets group or others in; chmod 600 \(path)")
        }
        return try secret(in: file, shownAs: path)
    }

    // MARK: Steps, also for files that somebody else made

    static let operation = "read secret"

    /// Opens a name without following a link, and without waiting for the other end of a pipe.
    static func open(_ name: String, in directory: Int32, shownAs path: String) throws(SystemError) -> Descriptor {
        let number = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard let file = Descriptor(number) else {
            let number = errno
            let hint: String? =
                switch number {
                case ELOOP: "it is a symbolic link; name the file itself"
                case EACCES: "it must belong to the daemon's user, uid \(geteuid())"
                default: nil
                }
            throw SystemError(operation: operation, path: path, errno: number, hint: hint)
        }
        return file
    }

    /// What an open file is, once it is certain that nobody but root and we could write it.
    static func verifiedStatus(
        of file: borrowing Descriptor, shownAs path: String
    ) throws(SystemError) -> FileStatus {
        let status = try FileStatus.of(file, shownAs: path)
        guard status.kind == .regularFile else {
            throw SystemError(operation: operation, path: path, errno: EINVAL, hint: "it is \(status.kind.noun)")
        }
        guard status.isOursOrRoots else {
            throw SystemError(
                operation: operation, path: path, errno: EPERM,
                hint: "it belongs to uid \(status.owner), the daemon is uid \(geteuid())")
        }
        return status
    }

    /// Reads the whole file.
    static func secret(in file: borrowing Descriptor, shownAs path: String) throws(SystemError) -> Secret {
        // One byte more than allowed tells a file that is too large, also one that grows while it is read.
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var filled = 0
        while filled < bytes.count {
            let number = file.number
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(number, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last(operation, path) }
            if count == 0 { break }
            filled += count
        }
        guard filled <= limit else {
            throw SystemError(
                operation: operation, path: path, errno: EFBIG, hint: "a secret may have \(limit) bytes")
        }
        do throws(Secret.Refusal) {
            return try Secret(bytes: bytes.prefix(filled))
        } catch {
            throw SystemError(operation: operation, path: path, errno: EINVAL, hint: error.description)
        }
    }
}
