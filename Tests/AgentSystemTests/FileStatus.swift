import Glibc

/// The permission bits of what stands at a path; nil when nothing does.
func mode(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
}

/// The number of the inode at a path; nil when nothing is there.
func inode(of path: String) -> UInt64? {
    var status = stat()
    return lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
}

/// Tests that give files to another user can only run as root.
let isRoot = geteuid() == 0

/// The user that stands for a stranger.
let stranger: uid_t = 65534
