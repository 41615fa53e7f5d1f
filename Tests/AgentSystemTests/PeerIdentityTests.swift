import AgentSystem
import AgentTestKit
import Glibc
import Testing

@Suite struct PeerIdentityTests {
    @Test func namesTheProcessAtTheOtherEnd() throws {
        let pair = SocketPair()
        let peer = try PeerIdentity(of: pair.ours)
        #expect(peer.pid == getpid())
        #expect(peer.uid == geteuid())
        #expect(peer.gid == getegid())
    }

    @Test func failsOnWhatIsNoSocket() throws {
        let scratch = try TemporaryDirectory()
        let descriptor = open(try scratch.write("file"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let error = #expect(throws: SystemError.self) { try PeerIdentity(of: descriptor) }
        #expect(error?.errno == ENOTSOCK)
    }
}
