import Glibc

/// A directory of one test, with a short path, removed with everything in it.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/agentd-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(call: "mkdtemp", number: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { Self.remove(path) }

    /// A path inside.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names inside, sorted.
    var names: [String] { Self.names(in: path) }

    /// Writes a file and gives it exactly this mode, whatever the umask.
    @discardableResult
    func write(_ name: String, _ text: String = "", mode: mode_t = 0o600) throws -> String {
        let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(call: "open", number: errno) }
        defer { close(descriptor) }
        _ = Glibc.write(descriptor, text, text.utf8.count)
        chmod(file(name), mode)
        return file(name)
    }

    /// Creates a directory with exactly this mode.
    @discardableResult
    func directory(_ name: String, mode: mode_t = 0o700) throws -> String {
        guard mkdir(file(name), 0o700) == 0 else { throw Failure(call: "mkdir", number: errno) }
        chmod(file(name), mode)
        return file(name)
    }

    struct Failure: Error {
        let call: String
        let number: Int32
    }

    private static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}

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
