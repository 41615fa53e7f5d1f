import AgentSystem
import AgentTestKit
import Glibc
import Testing

@Suite struct CredentialDirectoryTests {
    private let scratch: TemporaryDirectory
    private let credentials: CredentialDirectory

    init() throws {
        scratch = try TemporaryDirectory()
        credentials = try #require(CredentialDirectory(environment: ["CREDENTIALS_DIRECTORY": scratch.path]))
    }

    private func refusal(_ name: String) -> SystemError? {
        #expect(throws: SystemError.self) { try credentials.secret(named: name) }
    }

    @Test(arguments: [[:], ["CREDENTIALS_DIRECTORY": ""], ["CREDENTIALS_DIRECTORY": "relative/x"]])
    func withoutAServiceManagerThereIsNone(environment: [String: String]) {
        #expect(CredentialDirectory(environment: environment) == nil)
    }

    /// 0440 is how an access list for the daemon's user looks from outside.
    @Test(arguments: [0o400, 0o440, 0o600] as [mode_t])
    func readsWhatTheServiceManagerPutThere(bits: mode_t) throws {
        try scratch.write("anthropic", "sk-1\n", mode: bits)
        let secret = try #require(try credentials.secret(named: "anthropic"))
        #expect(secret.reveal { $0 == "sk-1" })
    }

    @Test func aMissingOneIsNone() throws {
        #expect(try credentials.secret(named: "anthropic") == nil)
        let gone = CredentialDirectory(environment: ["CREDENTIALS_DIRECTORY": scratch.file("gone")])
        #expect(try gone?.secret(named: "anthropic") == nil)
    }

    @Test(arguments: ["", ".", "..", "../key", "/etc/passwd", "a/b", "a:b", "a\nb", "ö"])
    func aNameNeverLeadsOutOfTheDirectory(name: String) throws {
        try scratch.makeDirectory("inside")
        try scratch.write("key", "sk-1")
        let inside = CredentialDirectory(environment: ["CREDENTIALS_DIRECTORY": scratch.file("inside")])
        #expect(try inside?.secret(named: name) == nil)
    }

    @Test(arguments: [0o444, 0o404, 0o460, 0o402, 0o441] as [mode_t])
    func refusesAFileThatOthersCanUse(bits: mode_t) throws {
        try scratch.write("key", "sk-1", mode: bits)
        #expect(refusal("key")?.hint?.contains("chmod 400 \(scratch.file("key"))") == true)
    }

    @Test func refusesALinkAndADirectory() throws {
        symlink(try scratch.write("real", "sk-1"), scratch.file("link"))
        try scratch.makeDirectory("directory")
        #expect(refusal("link")?.hint == "it is a symbolic link; name the file itself")
        #expect(refusal("directory")?.hint == "it is a directory")
    }

    @Test(.enabled(if: isRoot)) func refusesTheFileOfAStranger() throws {
        chown(try scratch.write("key", "sk-1"), stranger, stranger)
        #expect(refusal("key")?.errno == EPERM)
    }

    @Test func refusesAnEmptyOne() throws {
        try scratch.write("key", "\n", mode: 0o400)
        #expect(refusal("key")?.hint == "it is empty")
    }
}
