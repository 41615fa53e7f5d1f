import CLinux
import Glibc

/// The directory that a socket goes into, held open, and the socket's name in it.
///
/// Everything is done relative to the open directory, so that exchanging a directory on the way to it for another one
/// changes nothing any more, and so that a temporary name never makes a path longer than the kernel takes.
struct SocketPlace: ~Copyable {
    /// The whole path, as it was said.
    let path: String
    /// The last component.
    let name: String
    /// The directory, open as a place only.
    let directory: Descriptor

    /// Opens the directory, creating it with mode 0750 if it is missing, and checks that not everybody may replace
    /// what stands in it.
    init(_ path: String) throws(SystemError) {
        guard path.utf8.count <= SocketAddress.longestPath else {
            throw SystemError(
                operation: "listen on", path: path, errno: ENAMETOOLONG,
                hint: "a socket path holds at most \(SocketAddress.longestPath) bytes, this one has \(path.utf8.count)")
        }
        let (parent, name) = DirectoryPath.split(path)
        guard !name.isEmpty, name != ".", name != "..", !path.utf8.contains(0) else {
            throw SystemError(operation: "listen on", path: path, errno: EINVAL, hint: "it names no file")
        }
        try DirectoryPath.create(parent, mode: 0o750)
        guard let directory = Descriptor(agentd_open_place(AT_FDCWD, parent, O_DIRECTORY)) else {
            throw .last("open directory", parent)
        }
        let status = try FileStatus.of(directory, shownAs: parent)
        guard !status.isFreeForAll else {
            throw SystemError(
                operation: "listen on", path: path, errno: EPERM,
                hint: "everybody may replace files in \(parent); chmod o-w \(parent)")
        }
        self.path = path
        self.name = name
        self.directory = directory
    }

    /// Checks that the name is free, or that what stands there is a socket of ours or of root, which may go.
    func verifyReplaceable() throws(SystemError) {
        guard let status = try FileStatus.at(name, in: directory.number, shownAs: path) else { return }
        guard status.kind == .socket else {
            throw SystemError(
                operation: "listen on", path: path, errno: EEXIST, hint: "it is \(status.kind.noun), not a socket")
        }
        guard status.isOursOrRoots else {
            throw SystemError(
                operation: "listen on", path: path, errno: EEXIST, hint: "it is a socket of uid \(status.owner)")
        }
    }

    /// Takes the lock beside the socket; the kernel gives it back however this process ends.
    func lock() throws -> FileLock {
        do {
            return try FileLock(name: "\(name).lock", in: directory.number, shownAs: "\(path).lock")
        } catch is FileLock.Held {
            throw SocketPath.InUse(path: path)
        }
    }

    /// A name in the same directory that no other daemon uses: the lock keeps others from our `name`, and the process
    /// number from other names that begin alike.
    var temporaryName: String {
        // Short enough for any directory number and process number; a name in the file system may have 255 bytes.
        var stem = name
        while stem.utf8.count > 60 { stem.removeLast() }
        return ".\(stem).\(getpid())"
    }

    /// The address of a name here that is short whatever the directory is called.
    func address(of name: String) -> SocketAddress? {
        SocketAddress(path: "/proc/self/fd/\(directory.number)/\(name)")
    }

    /// Removes a name; it is not an error that it is gone already.
    func remove(_ name: String) {
        _ = unlinkat(directory.number, name, 0)
    }
}
