import Glibc

/// A file system of a few MiB in memory, to be filled; gone with this object.
///
/// Mounting needs rights that not everybody has: tests that need one are skipped, and say so, where it is not possible.
public final class SmallFileSystem: Sendable {
    /// Where it is.
    public let path: String

    /// Whether one can be mounted here.
    public static let isPossible: Bool = {
        do throws(TestFailure) {
            let directory = try TemporaryDirectory()
            _ = try SmallFileSystem(at: directory.file("m"), mebibytes: 1)
            return true
        } catch {
            return false
        }
    }()

    /// Mounts one on a directory, which is made where it is missing and which only this user may enter.
    public init(at path: String, mebibytes: Int) throws(TestFailure) {
        self.path = path
        _ = mkdir(path, 0o700)
        guard mount("tmpfs", path, "tmpfs", UInt(MS_NOSUID), "size=\(mebibytes)m,mode=0700") == 0 else {
            throw TestFailure("mount \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Bytes that may still be written.
    public var freeBytes: Int {
        var status = statvfs()
        return statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
    }

    /// Fills it with a file, but for so many bytes. Others may be writing meanwhile, and an allocation that fails gives
    /// back all of it: so the last piece is filled page by page.
    public func fill(leaving rest: Int = 0) {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        var size: off_t = 0
        func grow(_ bytes: Int) -> Bool {
            guard bytes > 0, posix_fallocate(descriptor, size, off_t(bytes)) == 0 else { return false }
            size += off_t(bytes)
            return true
        }
        _ = grow(freeBytes - rest - (1 << 20))
        while freeBytes > rest, grow(4096) {}
    }

    /// Takes the filling away.
    public func empty() { unlink(filler) }

    private var filler: String { path + "/filler" }
}
