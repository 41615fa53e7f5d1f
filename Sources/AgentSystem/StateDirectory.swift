import Glibc

/// The directory that holds the ledger: conversations, so nobody but the daemon's user may look into it.
///
/// Permissions that are too wide are refused, not repaired: somebody set them, and somebody may have read or changed
/// what is inside.
public enum StateDirectory {
    /// Creates the directory (and missing ones above it) with mode 0700, or checks the one that is there.
    ///
    /// - Throws: `SystemError` when it cannot be created, is not a directory or is a link to one, belongs to another
    ///   user, or gives any permission to group or others.
    public static func prepare(_ path: String) throws(SystemError) {
        // With a slash at the end the kernel would look through a link.
        let path = DirectoryPath.withoutTrailingSlashes(path)
        try DirectoryPath.create(path, mode: 0o700)
        guard let status = try FileStatus.at(path) else {
            throw SystemError(operation: "use state directory", path: path, errno: ENOENT)
        }
        guard status.kind == .directory else {
            throw SystemError(
                operation: "use state directory", path: path, errno: ENOTDIR, hint: "it is \(status.kind.noun)")
        }
        try verifyPrivate(status, path: path, operation: "use state directory", repair: "chmod 700")
    }

    /// Checks a file inside, if it is there: a regular file, not a link, ours, and closed to group and others.
    ///
    /// - Throws: `SystemError` that names what is wrong.
    public static func verifyFile(_ path: String) throws(SystemError) {
        guard let status = try FileStatus.at(path) else { return }
        guard status.kind == .regularFile else {
            throw SystemError(
                operation: "use state file", path: path, errno: EINVAL, hint: "it is \(status.kind.noun)")
        }
        try verifyPrivate(status, path: path, operation: "use state file", repair: "chmod 600")
    }

    private static func verifyPrivate(
        _ status: FileStatus, path: String, operation: String, repair: String
    ) throws(SystemError) {
        guard status.isOurs else {
            throw SystemError(
                operation: operation, path: path, errno: EPERM,
                hint: "it belongs to uid \(status.owner), the daemon is uid \(geteuid())")
        }
        guard !status.isOpenToOthers else {
            throw SystemError(
                operation: operation, path: path, errno: EACCES,
                hint: "mode \(String(status.mode, radix: 8)) lets group or others in; \(repair) \(path)")
        }
    }
}
