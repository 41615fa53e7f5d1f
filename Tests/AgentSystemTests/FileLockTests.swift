import AgentSystem
import AgentTestKit
import Glibc
import Testing

@Suite struct FileLockTests {
    let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    @Test func createsAFileForItsOwnerOnly() throws {
        let lock = try FileLock(path: scratch.file("lock"))
        #expect(mode(of: scratch.file("lock")) == 0o600)
        withExtendedLifetime(lock) {}
    }

    @Test func isHeldByOneAtATime() throws {
        let first = try FileLock(path: scratch.file("lock"))
        let error = #expect(throws: FileLock.Held.self) { try FileLock(path: scratch.file("lock")) }
        #expect(error?.path == scratch.file("lock"))
        withExtendedLifetime(first) {}
    }

    @Test func isGivenBackAndTheFileStays() throws {
        for _ in 1...3 { _ = try FileLock(path: scratch.file("lock")) }
        #expect(scratch.names == ["lock"])
    }

    @Test func doesNotFollowALink() throws {
        try scratch.write("victim", "precious")
        symlink(scratch.file("victim"), scratch.file("lock"))
        let error = #expect(throws: SystemError.self) { try FileLock(path: scratch.file("lock")) }
        #expect(error?.errno == ELOOP)
    }

    @Test func refusesAPipe() throws {
        mkfifo(scratch.file("lock"), 0o600)
        let error = #expect(throws: SystemError.self) { try FileLock(path: scratch.file("lock")) }
        #expect(error?.hint == "it is a device or pipe")
    }

    @Test func closesAFileThatOthersCouldLock() throws {
        try scratch.write("lock", mode: 0o666)
        _ = try FileLock(path: scratch.file("lock"))
        #expect(mode(of: scratch.file("lock")) == 0o600)
    }

    @Test(.enabled(if: isRoot)) func refusesTheFileOfAStranger() throws {
        chown(try scratch.write("lock"), stranger, stranger)
        let error = #expect(throws: SystemError.self) { try FileLock(path: scratch.file("lock")) }
        #expect(error?.hint == "it belongs to uid 65534")
    }
}
