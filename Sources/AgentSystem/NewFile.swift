import Glibc

/// A file that has its name only once it is whole: until then it stands beside it under another one, readable and
/// writable by its owner only. One that is not published is removed.
public final class NewFile {
    /// Where to write meanwhile.
    public let draft: String
    private let path: String
    private var isPublished = false

    /// Makes the draft, empty. Nothing may be there under the name that the file is to have.
    ///
    /// - Throws: `SystemError` when there is, or when the draft cannot be made.
    public init(path: String) throws(SystemError) {
        guard try FileStatus.at(path) == nil else {
            throw SystemError(operation: "write", path: path, errno: EEXIST, hint: "name a file that is not there yet")
        }
        var template = Array("\(path).XXXXXX".utf8CString)
        let number = mkstemp(&template)
        guard Descriptor(number) != nil else { throw .last("write", path) }
        self.path = path
        draft = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { if !isPublished { unlink(draft) } }

    /// Forces what was written to the disk and gives it its name, unless somebody else has taken that meanwhile.
    ///
    /// - Throws: `SystemError`; then nothing has that name.
    public func publish() throws(SystemError) {
        try Self.sync(draft)
        guard link(draft, path) == 0 else { throw .last("write", path) }
        isPublished = true
        guard unlink(draft) == 0 else { throw .last("remove", draft) }
        try Self.sync(DirectoryPath.split(path).directory)
    }

    private static func sync(_ path: String) throws(SystemError) {
        guard let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC)) else { throw .last("open", path) }
        guard fsync(file.number) == 0 else { throw .last("sync", path) }
    }
}
