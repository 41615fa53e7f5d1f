import ArgumentParser
import Glibc

/// A new directory that only this user may enter, for as long as a command needs it.
struct TemporaryDirectory: ~Copyable {
    /// Where it is; short enough for a socket in it.
    let path: String

    /// Makes it in `TMPDIR`, or in `/tmp` when that is unset or too long for the path of a socket.
    init(prefix: String) throws(ClientFailure) {
        let wanted = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let parent = wanted.isEmpty || wanted.utf8.count > 60 ? "/tmp" : wanted
        var template = Array("\(parent)/\(prefix)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ClientFailure(
                "cannot make a directory in \(parent): \(String(cString: strerror(errno)))", ExitStatus.inputOutput)
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes it with everything in it.
    consuming func remove() { Self.remove(path) }

    /// Links are removed, never followed.
    private static func remove(_ path: String) {
        guard unlink(path) != 0, let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
        closedir(directory)
        rmdir(path)
    }
}
