import AgentSystem
import AgentTestKit
import Glibc
import Testing

/// Where `SocketPath` agrees to listen, and where it refuses.
@Suite struct SocketPlaceTests {
    let scratch: TemporaryDirectory
    let path: String

    init() throws {
        scratch = try TemporaryDirectory()
        path = scratch.file("agentd.sock")
    }

    @Test func createsAMissingDirectory() throws {
        let path = scratch.file("run/agentd/agentd.sock")
        let socket = try SocketPath(path: path)
        #expect(mode(of: scratch.file("run/agentd")) == 0o750)
        #expect(UnixSocket(SOCK_STREAM).connect(path))
        withExtendedLifetime(socket) {}
    }

    @Test func takes107Bytes() throws {
        let path = padded(scratch.path + "/", to: 107)
        let socket = try SocketPath(path: path)
        #expect(UnixSocket(SOCK_STREAM).connect(path))
        withExtendedLifetime(socket) {}
    }

    @Test func takes107BytesMostOfThemDirectory() throws {
        let path = padded(scratch.path + "/", to: 105) + "/s"
        let socket = try SocketPath(path: path)
        #expect(UnixSocket(SOCK_STREAM).connect(path))
        withExtendedLifetime(socket) {}
    }

    @Test func refuses108Bytes() {
        let error = #expect(throws: SystemError.self) { try SocketPath(path: padded(scratch.path + "/", to: 108)) }
        #expect(error?.errno == ENAMETOOLONG)
        #expect(error?.hint == "a socket path holds at most 107 bytes, this one has 108")
        #expect(scratch.names.isEmpty)
    }

    @Test(arguments: ["", "/", "run/", ".", "..", "run/..", "a\0b"])
    func refusesAPathThatNamesNoFile(path: String) {
        let error = #expect(throws: SystemError.self) { try SocketPath(path: path) }
        #expect(error?.hint == "it names no file")
    }

    @Test func refusesADirectoryWhereEverybodyMayReplaceFiles() throws {
        let directory = try scratch.makeDirectory("open", mode: 0o777)
        let error = #expect(throws: SystemError.self) { try SocketPath(path: directory + "/agentd.sock") }
        #expect(error?.hint == "everybody may replace files in \(directory); chmod o-w \(directory)")
        #expect(scratch.names == ["open"])
    }

    @Test func acceptsAStickyDirectory() throws {
        let directory = try scratch.makeDirectory("sticky", mode: 0o1777)
        let socket = try SocketPath(path: directory + "/agentd.sock")
        #expect(UnixSocket(SOCK_STREAM).connect(directory + "/agentd.sock"))
        withExtendedLifetime(socket) {}
    }

    @Test func refusesToReplaceARegularFile() throws {
        try scratch.write("agentd.sock", "precious")
        let error = #expect(throws: SystemError.self) { try SocketPath(path: path) }
        #expect(error.map { "\($0)" } == "listen on \(path): File exists (it is a regular file, not a socket)")
        #expect(scratch.names == ["agentd.sock"])
    }

    @Test func refusesToReplaceADirectory() throws {
        try scratch.makeDirectory("agentd.sock")
        let error = #expect(throws: SystemError.self) { try SocketPath(path: path) }
        #expect(error?.hint == "it is a directory, not a socket")
    }

    @Test func refusesALinkEvenToASocket() throws {
        let target = UnixSocket(SOCK_STREAM)
        try #require(target.bind(scratch.file("target")))
        symlink(scratch.file("target"), path)
        let error = #expect(throws: SystemError.self) { try SocketPath(path: path) }
        #expect(error?.hint == "it is a symbolic link, not a socket")
        #expect(scratch.names == ["agentd.sock", "target"])
    }

    @Test func refusesADanglingLink() throws {
        symlink(scratch.file("nowhere"), path)
        #expect(throws: SystemError.self) { try SocketPath(path: path) }
        #expect(scratch.names == ["agentd.sock"])
    }

    @Test func refusesAWayThroughAFile() throws {
        let file = try scratch.write("file")
        let error = #expect(throws: SystemError.self) { try SocketPath(path: file + "/agentd.sock") }
        #expect(error?.errno == ENOTDIR)
    }

    @Test func refusesALockFileThatIsALink() throws {
        symlink(try scratch.write("victim", "precious", mode: 0o644), path + ".lock")
        let error = #expect(throws: SystemError.self) { try SocketPath(path: path) }
        #expect(error?.hint == "a lock file must not be a link")
        #expect(mode(of: scratch.file("victim")) == 0o644)
    }

    @Test(.enabled(if: isRoot)) func refusesToReplaceAStrangersSocket() throws {
        let other = UnixSocket(SOCK_STREAM)
        try #require(other.bind(path))
        chown(path, stranger, stranger)
        let error = #expect(throws: SystemError.self) { try SocketPath(path: path) }
        #expect(error?.hint == "it is a socket of uid 65534")
        #expect(scratch.names == ["agentd.sock"])
    }

    private func padded(_ text: String, to count: Int) -> String {
        text + String(repeating: "x", count: count - text.utf8.count)
    }
}
