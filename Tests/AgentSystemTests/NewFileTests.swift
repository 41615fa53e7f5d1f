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

    /// What a file system without a way says to it.
    private static let missing: [Int32] = [EINVAL, EPERM, EOPNOTSUPP, ENOSYS]

    @Test(arguments: NewFile.namings.indices, missing) func oneWayIsEnough(way: Int, reason: Int32) throws {
        var asked: [Int] = []
        let namings = NewFile.namings.enumerated().map { index, naming -> NewFile.Naming in
            return { draft, path in
                asked.append(index)
                return index == way ? naming(draft, path) : reason
            }
        }
        let file = try NewFile(path: directory.file("new"))
        try directory.write(String(file.draft.split(separator: "/").last!), "whole")
        try file.publish(by: namings)
        #expect(directory.names == ["new"])
        #expect(TemporaryDirectory.read(directory.file("new")) == "whole")
        #expect(asked == Array(0...way))
    }

    @Test(arguments: NewFile.namings.indices) func noWayTakesANameFromSomebody(way: Int) throws {
        let file = try NewFile(path: directory.file("late"))
        try directory.write("late", "old")
        #expect {
            try file.publish(by: [
                NewFile.namings[way], { _, _ in fatalError("whose name is taken tries no other way") },
            ])
        } throws: { ($0 as? SystemError)?.errno == EEXIST }
        #expect(TemporaryDirectory.read(directory.file("late")) == "old")
    }

    @Test func whereNoWayIsThereNothingIsLeft() throws {
        do {
            let file = try NewFile(path: directory.file("new"))
            #expect { try file.publish(by: Self.missing.map { reason in { _, _ in reason } }) } throws: {
                ($0 as? SystemError)?.errno == Self.missing.last
            }
        }
        #expect(directory.names.isEmpty)
    }

    @Test func aDirectoryThatIsMissingIsNamed() {
        let path = directory.file("missing/new")
        #expect { try NewFile(path: path) } throws: { ($0 as? SystemError)?.path == path }
    }
}
