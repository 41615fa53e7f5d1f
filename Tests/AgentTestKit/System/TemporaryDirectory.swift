public import Glibc

/// A directory of one test, with a path short enough for a socket in it; removed with everything inside.
public final class TemporaryDirectory: Sendable {
    /// Where it is.
    public let path: String

    /// Makes a directory that only this user may enter.
    public init() throws(TestFailure) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        // The longest socket path has 107 bytes.
        let place = parent.utf8.count <= 60 ? parent : "/tmp"
        var template = Array("\(place)/agentd-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Self.failure("mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { Self.remove(path) }

    /// A path inside.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names inside, sorted.
    public var names: [String] { Self.names(in: path).sorted() }

    // MARK: Writing

    /// Makes a directory inside, with exactly this mode, whatever the umask; returns its path.
    @discardableResult
    public func makeDirectory(_ name: String, mode: mode_t = 0o700) throws(TestFailure) -> String {
        guard mkdir(file(name), 0o700) == 0 || errno == EEXIST, chmod(file(name), mode) == 0 else {
            throw Self.failure("mkdir \(name)")
        }
        return file(name)
    }

    /// Writes a file inside, with exactly this mode, whatever the umask; returns its path.
    @discardableResult
    public func write(_ name: String, _ text: String = "", mode: mode_t = 0o600) throws(TestFailure) -> String {
        try write(name, Array(text.utf8), mode: mode)
    }

    /// Writes a file inside, with exactly this mode, whatever the umask; returns its path.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws(TestFailure) -> String {
        guard let stream = fopen(file(name), "we") else { throw Self.failure("write \(name)") }
        let written = fwrite(bytes, 1, bytes.count, stream)
        guard fclose(stream) == 0, written == bytes.count, chmod(file(name), mode) == 0 else {
            throw TestFailure("write \(name) failed")
        }
        return file(name)
    }

    private static func failure(_ call: String) -> TestFailure {
        TestFailure("\(call): \(String(cString: strerror(errno)))")
    }

    // MARK: Reading

    /// The text of a file; empty if there is none.
    public static func read(_ path: String) -> String { String(decoding: bytes(of: path), as: UTF8.self) }

    /// The bytes of a file; none if there is no file.
    public static func bytes(of path: String) -> [UInt8] {
        guard let stream = fopen(path, "re") else { return [] }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, stream)
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// The names in a directory, in no order.
    public static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Links are removed, never followed.
    private static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
