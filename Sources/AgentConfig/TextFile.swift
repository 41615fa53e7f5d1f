import Glibc

/// Reads the small text files of a configuration.
enum TextFile {
    /// The largest file that is read. In bytes.
    static let limit = 1 << 20

    /// Why a file could not be read, in the words of a message.
    struct Unreadable: Error {
        let reason: String
    }

    /// Reads a regular file of UTF-8 text, whole.
    static func read(_ path: String) throws(Unreadable) -> String {
        let descriptor = try openRegular(path)
        defer { close(descriptor) }

        // One byte more than allowed tells a file that is too large, also one that grows while it is read.
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .lastError }
            if count == 0 { break }
            filled += count
        }
        guard filled <= limit else { throw Unreadable(reason: "larger than \(limit) bytes") }
        guard let text = String(validating: bytes.prefix(filled), as: UTF8.self) else {
            throw Unreadable(reason: "not UTF-8 text")
        }
        guard !text.utf8.contains(0) else { throw Unreadable(reason: "holds a NUL byte") }
        return text
    }

    /// Makes sure that there is a regular file that can be read.
    static func verify(_ path: String) throws(Unreadable) {
        close(try openRegular(path))
    }

    private static func openRegular(_ path: String) throws(Unreadable) -> Int32 {
        // Without O_NONBLOCK a pipe by that name would hold up the start for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .lastError }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Unreadable(reason: "not a regular file")
        }
        return descriptor
    }

    /// The names in a directory that end with `suffix` and do not begin with a dot, sorted; empty when there is no
    /// such directory.
    static func names(in directory: String, endingWith suffix: String) throws(Unreadable) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw .lastError
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The path of a name in the directory of a file.
    static func path(of name: String, beside file: String) -> String {
        if name.hasPrefix("/") { return name }
        guard let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) else { return name }
        return file[...slash] + name
    }
}

extension TextFile.Unreadable {
    /// The reason of the call that failed just now.
    fileprivate static var lastError: Self { Self(reason: String(cString: strerror(errno))) }
}
