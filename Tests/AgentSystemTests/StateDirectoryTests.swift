import AgentSystem
import AgentTestKit
import Glibc
import Testing

@Suite struct StateDirectoryTests {
    let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    @Test func createsTheWholeWayForItsOwnerOnly() throws {
        try StateDirectory.prepare(scratch.file("a/b/c/"))
        for path in ["a", "a/b", "a/b/c"] { #expect(mode(of: scratch.file(path)) == 0o700) }
    }

    @Test func acceptsWhatItMade() throws {
        try StateDirectory.prepare(scratch.file("state"))
        try StateDirectory.prepare(scratch.file("state"))
    }

    @Test(arguments: [0o750, 0o701, 0o770, 0o777] as [mode_t])
    func refusesADirectoryOpenToOthers(bits: mode_t) throws {
        let path = try scratch.makeDirectory("state", mode: bits)
        let error = #expect(throws: SystemError.self) { try StateDirectory.prepare(path) }
        #expect(error?.hint?.contains("chmod 700 \(path)") == true)
        #expect(mode(of: path) == bits)
    }

    @Test(arguments: ["", "/", "//"])
    func refusesALink(slashes: String) throws {
        symlink(try scratch.makeDirectory("real"), scratch.file("state"))
        let error = #expect(throws: SystemError.self) { try StateDirectory.prepare(scratch.file("state") + slashes) }
        #expect(error?.hint == "it is a symbolic link")
    }

    @Test func refusesADanglingLink() throws {
        symlink(scratch.file("nowhere"), scratch.file("state"))
        #expect(throws: SystemError.self) { try StateDirectory.prepare(scratch.file("state")) }
        #expect(scratch.names == ["state"])
    }

    @Test func refusesAFile() throws {
        let path = try scratch.write("state")
        let error = #expect(throws: SystemError.self) { try StateDirectory.prepare(path) }
        #expect(error.map { "\($0)" } == "use state directory \(path): Not a directory (it is a regular file)")
    }

    @Test func refusesAWayThroughAFile() throws {
        let path = try scratch.write("file")
        let error = #expect(throws: SystemError.self) { try StateDirectory.prepare(path + "/state") }
        #expect(error?.errno == ENOTDIR)
    }

    @Test(.enabled(if: isRoot)) func refusesTheDirectoryOfAStranger() throws {
        let path = try scratch.makeDirectory("state")
        chown(path, stranger, stranger)
        let error = #expect(throws: SystemError.self) { try StateDirectory.prepare(path) }
        #expect(error?.hint == "it belongs to uid 65534, the daemon is uid 0")
    }

    @Test func acceptsAFileThatIsMissingOrPrivate() throws {
        try StateDirectory.verifyFile(scratch.file("missing"))
        try StateDirectory.verifyFile(scratch.write("private", mode: 0o600))
    }

    @Test(arguments: [0o640, 0o604, 0o666] as [mode_t])
    func refusesAFileOpenToOthers(bits: mode_t) throws {
        let path = try scratch.write("agentd.db", mode: bits)
        let error = #expect(throws: SystemError.self) { try StateDirectory.verifyFile(path) }
        #expect(error?.hint?.contains("chmod 600 \(path)") == true)
    }

    @Test func refusesWhatIsNoFile() throws {
        symlink(try scratch.write("real"), scratch.file("link"))
        let paths = [try scratch.makeDirectory("directory"), scratch.file("link")]
        for path in paths {
            #expect(throws: SystemError.self) { try StateDirectory.verifyFile(path) }
        }
    }
}
