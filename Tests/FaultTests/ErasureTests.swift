import AgentProtocol
import AgentTestKit
import Testing

@Suite("What was deleted", .ownThread)
struct ErasureTests {
    private let home: DaemonHome

    init() throws {
        home = try DaemonHome()
        try Conversations.install(in: home)
    }

    @Test(
        "is in no file when the reply comes, nor later, and what was not deleted is whole",
        arguments: [UInt64(1), 2, 3])
    func noByteIsLeft(seed: UInt64) throws {
        var daemon = try DaemonProcess(in: home)
        var conversations = Conversations(seed: seed)
        try conversations.hold(with: daemon)
        let before = try conversations.kept(daemon)
        let names = try conversations.messageNames(daemon)
        #expect(!residue(names).isEmpty, "the search finds what is there")

        let readers = try conversations.beginReading(daemon)
        try conversations.deleteAll(daemon)
        #expect(residue(names) == [])
        readers.forEach { $0.close() }

        // Pages that the daemon has in memory are written again.
        try conversations.goOn(daemon)
        #expect(residue(names) == [])
        #expect(try conversations.kept(daemon) == before)

        try daemon.crash()
        #expect(residue(names) == [])
        daemon = try DaemonProcess(in: home)
        try conversations.goOn(daemon)
        #expect(residue(names) == [])
        #expect(try conversations.kept(daemon) == before)
        #expect(try daemon.terminate() == .exited(0))
        #expect(residue(names) == [])
        #expect(try LedgerFile(path: home.database).integrityCheck() == "ok")
    }

    @Test("is in no file after a crash that follows the reply at once")
    func noByteIsLeftAfterACrash() throws {
        let daemon = try DaemonProcess(in: home)
        var conversations = Conversations(seed: 4)
        try conversations.hold(with: daemon)
        let names = try conversations.messageNames(daemon)
        try conversations.deleteAll(daemon)
        try daemon.crash()
        #expect(residue(names) == [])
        #expect(try LedgerFile(path: home.database).integrityCheck() == "ok")
    }

    /// Where in the state directory something stands that was deleted.
    private func residue(_ names: Set<String>) -> [String] {
        TemporaryDirectory.names(in: home.state).sorted().flatMap { file in
            let bytes = TemporaryDirectory.bytes(of: "\(home.state)/\(file)")
            let marks = ByteSearch.places(of: Conversations.mark, in: bytes).map { (Conversations.mark, $0) }
            return (marks + ByteSearch.found(names, in: bytes)).map { word, place in
                "\(file): \(word) in page \(place / 4096 + 1) at \(place % 4096)"
            }
        }
    }
}
