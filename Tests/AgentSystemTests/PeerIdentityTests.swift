import AgentSystem
import Glibc
import Testing

@Suite struct PeerIdentityTests {
    @Test func namesTheProcessAtTheOtherEnd() throws {
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { pair.forEach { close($0) } }
        let peer = try PeerIdentity(of: pair[0])
        #expect(peer.pid == getpid())
        #expect(peer.uid == geteuid())
        #expect(peer.gid == getegid())
    }

    @Test func failsOnWhatIsNoSocket() throws {
        let scratch = try ScratchDirectory()
        let descriptor = open(try scratch.write("file"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let error = #expect(throws: SystemError.self) { try PeerIdentity(of: descriptor) }
        #expect(error?.errno == ENOTSOCK)
    }
}
