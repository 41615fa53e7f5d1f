import Glibc

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
        guard mkdtemp(&template) != nil else { throw TestFailure("mkdtemp: \(String(cString: strerror(errno)))") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { Self.remove(path) }

    /// A path inside.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a directory inside, with exactly this mode.
    public func makeDirectory(_ name: String, mode: UInt32 = 0o700) throws(TestFailure) {
        guard mkdir(file(name), 0o700) == 0 || errno == EEXIST, chmod(file(name), mode) == 0 else {
            throw TestFailure("mkdir \(name): \(String(cString: strerror(errno)))")
        }
    }

    /// Writes a file inside, with exactly this mode.
    public func write(_ name: String, _ text: String, mode: UInt32 = 0o600) throws(TestFailure) {
        guard let stream = fopen(file(name), "we") else {
            throw TestFailure("write \(name): \(String(cString: strerror(errno)))")
        }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, stream)
        guard fclose(stream) == 0, written == bytes.count, chmod(file(name), mode) == 0 else {
            throw TestFailure("write \(name) failed")
        }
    }

    /// The text of a file; empty if there is none.
    public static func read(_ path: String) -> String {
        guard let stream = fopen(path, "re") else { return "" }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, stream)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    private static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(stream)
        }
        rmdir(path)
    }
}
