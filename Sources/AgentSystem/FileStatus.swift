import Glibc

/// What stands at a path: its kind, owner, mode and identity. Symbolic links are never followed.
struct FileStatus {
    /// A file's identity as long as somebody holds it open: the number of an inode may be used again after that.
    struct Identity: Equatable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    /// The kinds that we tell apart.
    enum Kind: Equatable {
        case regularFile, directory, symbolicLink, socket, other

        /// The kind in the words of a message.
        var noun: String {
            switch self {
            case .regularFile: "a regular file"
            case .directory: "a directory"
            case .symbolicLink: "a symbolic link"
            case .socket: "a socket"
            case .other: "a device or pipe"
            }
        }
    }

    let kind: Kind
    let owner: UInt32
    /// The permission bits, with set-id and sticky bits.
    let mode: UInt32
    let identity: Identity

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regularFile
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFSOCK: .socket
            default: .other
            }
        owner = status.st_uid
        mode = status.st_mode & 0o7777
        identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// Looks at a path; nil when nothing is there.
    static func at(_ path: String) throws(SystemError) -> FileStatus? {
        try at(path, in: AT_FDCWD, shownAs: path)
    }

    /// Looks at a name in an open directory; nil when nothing is there.
    static func at(_ name: String, in directory: Int32, shownAs path: String) throws(SystemError) -> FileStatus? {
        var status = stat()
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw .last("stat", path)
        }
        return FileStatus(status)
    }

    /// Looks at what an open descriptor stands for.
    static func of(_ descriptor: borrowing Descriptor, shownAs path: String) throws(SystemError) -> FileStatus {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else { throw .last("stat", path) }
        return FileStatus(status)
    }

    /// Whether anybody but the owner has any permission.
    var isOpenToOthers: Bool { mode & 0o077 != 0 }

    /// Whether everybody may replace what stands in this directory: writable by all, and no sticky bit.
    var isFreeForAll: Bool { mode & 0o002 != 0 && mode & 0o1000 == 0 }

    /// Whether it belongs to the user we act as.
    var isOurs: Bool { owner == geteuid() }

    /// Whether it belongs to us or to root, who can do everything anyway.
    var isOursOrRoots: Bool { isOurs || owner == 0 }
}
