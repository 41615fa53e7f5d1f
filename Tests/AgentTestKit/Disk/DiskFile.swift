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

    /// The files of a directory but for shared memory, which no power cut survives.
    static func all(in directory: String) throws(TestFailure) -> [DiskFile] {
        TemporaryDirectory.names(in: directory).filter { !$0.hasSuffix("-shm") }.sorted().map {
            DiskFile(name: $0, bytes: TemporaryDirectory.bytes(of: "\(directory)/\($0)"))
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
