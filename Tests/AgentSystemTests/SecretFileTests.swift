import AgentSystem
import AgentTestKit
import Glibc
import Testing

@Suite struct SecretFileTests {
    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    private func refusal(_ path: String) -> SystemError? {
        #expect(throws: SystemError.self) { try SecretFile.read(path) }
    }

    @Test(arguments: [0o600, 0o400, 0o700] as [mode_t])
    func readsAFileThatOnlyItsOwnerCanRead(bits: mode_t) throws {
        let path = try scratch.write("key", "sk-1\n", mode: bits)
        #expect(try SecretFile.read(path).reveal { $0 == "sk-1" })
    }

    @Test(arguments: [0o640, 0o604, 0o610, 0o601, 0o660, 0o666, 0o644, 0o440] as [mode_t])
    func refusesAFileThatOthersCanUse(bits: mode_t) throws {
        let path = try scratch.write("key", "sk-1", mode: bits)
        let error = try #require(refusal(path))
        #expect(error.hint == "mode \(String(bits, radix: 8)) lets group or others in; chmod 600 \(path)")
        #expect(mode(of: path) == bits)
    }

    @Test func aMissingFileIsNamed() {
        let path = scratch.file("key")
        #expect(refusal(path).map { "\($0)" } == "read secret \(path): No such file or directory")
    }

    @Test func doesNotFollowALink() throws {
        symlink(try scratch.write("real", "sk-1"), scratch.file("link"))
        #expect(refusal(scratch.file("link"))?.hint == "it is a symbolic link; name the file itself")
    }

    @Test(.timeLimit(.minutes(1))) func refusesWhatIsNoFileWithoutWaiting() throws {
        mkfifo(scratch.file("pipe"), 0o600)
        #expect(refusal(scratch.file("pipe"))?.hint == "it is a device or pipe")
        #expect(refusal(try scratch.makeDirectory("directory"))?.hint == "it is a directory")
        #expect(refusal("/dev/zero")?.hint == "it is a device or pipe")
    }

    @Test(.enabled(if: isRoot)) func refusesTheFileOfAStranger() throws {
        let path = try scratch.write("key", "sk-1")
        chown(path, stranger, stranger)
        #expect(refusal(path)?.hint == "it belongs to uid 65534, the daemon is uid 0")
    }

    @Test func isBounded() throws {
        let whole = String(repeating: "k", count: SecretFile.limit)
        #expect(try SecretFile.read(scratch.write("key", whole)).reveal { $0 == whole })
        #expect(refusal(try scratch.write("key", whole + "k"))?.errno == EFBIG)
    }

    @Test(arguments: [("", "it is empty"), ("\n", "it is empty")])
    func refusesAnEmptyFile(text: String, hint: String) throws {
        #expect(refusal(try scratch.write("key", text))?.hint == hint)
    }

    @Test(arguments: ["sk-1\nsk-2\n", "sk-1é", "\u{FEFF}sk-1"])
    func refusesWhatIsNoKeyWithoutRepeatingIt(text: String) throws {
        let error = try #require(refusal(try scratch.write("key", text)))
        #expect(error.errno == EINVAL && error.hint != nil)
        #expect(!"\(error)".contains("sk-") && !String(reflecting: error).contains("sk-"))
    }
}
