internal import CLinux
import Glibc

/// A file that has its name only once it is whole: until then it stands beside it under another one, readable and
/// writable by its owner only. One that is not published is removed.
public final class NewFile {
    /// How many times as long as it was written to, the disk is left to others. With three, commits beside a backup took
    /// 1.27 times as long at the 99th percentile as without one, with eight 1.13 times (`make bench`, row `backups`).
    private static let restRatio: Int64 = 8
    /// Nanoseconds. A disk that is slow by itself is not made nine times slower, and a signal is not kept waiting.
    private static let longestRest: Int64 = 1_000_000_000

    /// Where to write meanwhile.
    public let draft: String
    private let path: String
    private let file: Descriptor
    private var isPublished = false

    /// Makes the draft, empty. Nothing may be there under the name that the file is to have.
    ///
    /// - Throws: `SystemError` when there is, or when the draft cannot be made.
    public init(path: String) throws(SystemError) {
        guard try FileStatus.at(path) == nil else {
            throw SystemError(operation: "write", path: path, errno: EEXIST, hint: "name a file that is not there yet")
        }
        var template = Array("\(path).XXXXXX".utf8CString)
        guard let file = Descriptor(mkstemp(&template)) else { throw .last("write", path) }
        self.file = file
        self.path = path
        draft = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { if !isPublished { unlink(draft) } }

    /// Hands what was written so far to the disk, waits until it has it, and then leaves the disk to others: who syncs
    /// beside a large file never finds much of it in the way. Nothing is promised by that; where the file system does not
    /// know how, nothing happens.
    public func writeBack() {
        let began = agentd_clock(CLOCK_MONOTONIC)
        agentd_write_back(file.number)
        let ended = agentd_clock(CLOCK_MONOTONIC)
        agentd_sleep(ended + min(Self.restRatio * (ended - began), Self.longestRest))
    }

    /// Forces what was written to the disk and gives it its name, unless somebody else has taken that meanwhile.
    ///
    /// - Throws: `SystemError`; then nothing has that name.
    public func publish() throws(SystemError) { try publish(by: Self.namings) }

    /// A way to give a file a name that nobody has: 0, or why not. The draft's own name may stay.
    typealias Naming = (_ draft: String, _ path: String) -> Int32

    /// Few file systems know all ways: FAT has no second names, and what is mounted by a program has what that has.
    static var namings: [Naming] {
        [{ agentd_rename_to_free_name($0, $1) == 0 ? 0 : errno }, { link($0, $1) == 0 ? 0 : errno }, claim]
    }

    /// Takes the name with an empty file, and puts the draft in its place. What ends the process between the two leaves
    /// that file.
    private static func claim(_ draft: String, _ path: String) -> Int32 {
        guard Descriptor(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)) != nil else { return errno }
        guard rename(draft, path) != 0 else { return 0 }
        let reason = errno
        unlink(path)
        return reason
    }

    /// Tries one way after the other, until the name is given or somebody else has it.
    func publish(by namings: [Naming]) throws(SystemError) {
        try Self.sync(draft)
        var reason = ENOSYS
        for naming in namings where reason != 0 && reason != EEXIST { reason = naming(draft, path) }
        guard reason == 0 else { throw SystemError(operation: "write", path: path, errno: reason, hint: nil) }
        isPublished = true
        guard unlink(draft) == 0 || errno == ENOENT else { throw .last("remove", draft) }
        try Self.sync(DirectoryPath.split(path).directory)
    }

    private static func sync(_ path: String) throws(SystemError) {
        guard let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC)) else { throw .last("open", path) }
        guard fsync(file.number) == 0 else { throw .last("sync", path) }
    }
}
