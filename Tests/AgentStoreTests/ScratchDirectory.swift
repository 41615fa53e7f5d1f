import Glibc

/// A directory of one test, removed with everything in it.
final class ScratchDirectory: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/agentd-store-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in ["", "-wal", "-shm", "-journal"] { unlink(database + name) }
        rmdir(path)
    }

    /// Where the ledger of the test is.
    var database: String { path + "/agentd.db" }

    /// Bytes of a file; 0 when it is not there.
    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// A file's bytes.
    static func contents(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: size(path))
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
        return bytes
    }
}
