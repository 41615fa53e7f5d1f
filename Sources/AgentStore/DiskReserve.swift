internal import Glibc

/// Space that is kept for the moment when the disk has no other: a file that is given up then, so that what is live can
/// still get its end.
struct DiskReserve: Sendable {
    /// What is kept, and what must be free beside it for anything new to begin.
    static let bytes: Int64 = 8 << 20
    /// What must come back beyond that before a full disk counts as writable: otherwise one run would fill it again.
    private static let margin = bytes / 2

    private let path: String
    private let directory: String

    /// The reserve in the directory of a file; nothing is taken yet.
    init(besides file: String) {
        directory = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "./"
        path = directory + "agentd.reserve"
    }

    /// Bytes that may still be written in the directory; the largest number where its file system does not say.
    var freeBytes: Int64 {
        var status = statvfs()
        guard statvfs(directory, &status) == 0, status.f_blocks > 0 else { return .max }
        return Int64(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0)
    }

    /// Whether so little is free that nothing new may begin.
    var isShort: Bool { freeBytes < Self.bytes }

    /// Whether there is room for the reserve, for what is live, and for a margin.
    var hasRoom: Bool { freeBytes >= Self.bytes + Self.bytes + Self.margin }

    /// Whether there is enough beside a reserve that is held.
    var hasMargin: Bool { freeBytes >= Self.bytes + Self.margin }

    /// Takes the space, or finds it taken; false when there is not so much.
    func take() -> Bool {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Space that the file has already is not asked for again.
        if posix_fallocate(descriptor, 0, off_t(Self.bytes)) == 0 { return true }
        release()
        return false
    }

    /// Gives the space up.
    func release() { unlink(path) }
}
