import Glibc

/// A file as it is on a disk.
public struct DiskFile: Equatable, Sendable {
    /// Its name in its directory.
    public let name: String
    /// What is in it.
    public var bytes: [UInt8]

    /// A file with everything said.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// The files of a directory whose names begin so, but for shared memory, which no power cut survives.
    public static func all(in directory: String, prefix: String = "") throws(TestFailure) -> [DiskFile] {
        TemporaryDirectory.names(in: directory).filter { !$0.hasSuffix("-shm") && $0.hasPrefix(prefix) }.sorted().map {
            DiskFile(name: $0, bytes: TemporaryDirectory.bytes(of: "\(directory)/\($0)"))
        }
    }

    /// Whether these bytes are in it.
    public func contains(_ part: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var place = 0
            while place + part.count <= bytes.count,
                let found = memchr(bytes.baseAddress! + place, Int32(part[0]), bytes.count - part.count - place + 1)
            {
                place = bytes.baseAddress!.distance(to: UnsafeRawPointer(found))
                if memcmp(found, part, part.count) == 0 { return true }
                place += 1
            }
            return false
        }
    }

    /// Writes the file into a directory, closed to others.
    public func write(to directory: String) throws(TestFailure) {
        let path = "\(directory)/\(name)"
        let descriptor = creat(path, 0o600)
        guard descriptor >= 0 else { throw TestFailure("creat \(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw TestFailure("write \(path) failed") }
    }
}
