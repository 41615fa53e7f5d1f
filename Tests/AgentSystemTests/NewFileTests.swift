import AgentTestKit
import Glibc
import Testing

@testable import AgentSystem

@Suite struct NewFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func hasItsNameOnceItIsWhole() throws {
        let file = try NewFile(path: directory.file("new"))
        #expect(directory.names.count == 1 && directory.names.first?.hasPrefix("new.") == true)
        #expect(try FileStatus.at(file.draft)?.mode == 0o600)
        try file.publish()
        #expect(directory.names == ["new"])
    }

    @Test func leavesNothingWhenItIsNotPublished() throws {
        _ = try NewFile(path: directory.file("new"))
        #expect(directory.names.isEmpty)
    }

    @Test func whatIsThereIsNotTouched() throws {
        _ = try directory.write("taken", "old")
        #expect(throws: SystemError.self) { try NewFile(path: directory.file("taken")) }
        let file = try NewFile(path: directory.file("late"))
        _ = try directory.write("late", "old")
        #expect { try file.publish() } throws: { ($0 as? SystemError)?.errno == EEXIST }
        #expect(TemporaryDirectory.read(directory.file("late")) == "old")
    }

    @Test func aDirectoryThatIsMissingIsNamed() {
        let path = directory.file("missing/new")
        #expect { try NewFile(path: path) } throws: { ($0 as? SystemError)?.path == path }
    }
}
