import Glibc

/// A path taken apart as far as we need it.
enum DirectoryPath {
    /// The path without slashes at its end, which would make the kernel follow a link in the last component.
    static func withoutTrailingSlashes(_ path: String) -> String {
        var bytes = path.utf8[...]
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The directory that holds the last component (`.` for a bare name), and that component.
    static func split(_ path: String) -> (directory: String, name: String) {
        let bytes = path.utf8
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let directory = String(decoding: bytes[..<slash], as: UTF8.self)
        let name = String(decoding: bytes[bytes.index(after: slash)...], as: UTF8.self)
        return (directory.isEmpty ? "/" : withoutTrailingSlashes(directory), name)
    }

    /// Creates a directory and the missing ones above it, each with exactly `mode`; existing ones are left as they are.
    static func create(_ path: String, mode: UInt32) throws(SystemError) {
        if try makeOne(path, mode: mode) { return }
        let parent = split(path).directory
        guard parent != path else { throw SystemError(operation: "mkdir", path: path, errno: ENOENT) }
        try create(parent, mode: mode)
        guard try makeOne(path, mode: mode) else { throw SystemError(operation: "mkdir", path: path, errno: ENOENT) }
    }

    /// Creates one directory unless something stands there; false when the directory above it is missing.
    private static func makeOne(_ path: String, mode: UInt32) throws(SystemError) -> Bool {
        guard mkdir(path, mode) == 0 else {
            switch errno {
            case EEXIST: return true
            case ENOENT: return false
            default: throw .last("mkdir", path)
            }
        }
        // The umask may have taken bits away; without following a link put there in between.
        guard let made = Descriptor(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
            fchmod(made.number, mode) == 0
        else { throw .last("chmod", path) }
        return true
    }
}
