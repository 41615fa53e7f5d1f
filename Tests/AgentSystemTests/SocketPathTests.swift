import AgentSystem
import AgentTestKit
import Glibc
import Testing

@Suite struct SocketPathTests {
    let scratch: TemporaryDirectory
    let path: String

    init() throws {
        scratch = try TemporaryDirectory()
        path = scratch.file("agentd.sock")
    }

    @Test func clientsConnectToIt() throws {
        let socket = try SocketPath(path: path)
        let client = UnixSocket(SOCK_STREAM)
        #expect(client.connect(path))
        client.send("hello")
        #expect(UnixSocket.accept(socket.fileDescriptor)?.receive() == "hello")
    }

    @Test func leavesOnlyTheSocketAndItsLock() throws {
        let socket = try SocketPath(path: path)
        #expect(scratch.names == ["agentd.sock", "agentd.sock.lock"])
        #expect(mode(of: path + ".lock") == 0o600)
        withExtendedLifetime(socket) {}
    }

    @Test(arguments: [0o600, 0o660, 0o666, 0o777] as [UInt16])
    func hasExactlyTheModeAskedFor(bits: UInt16) throws {
        let socket = try SocketPath(path: path, mode: bits)
        #expect(mode(of: path) == mode_t(bits))
        withExtendedLifetime(socket) {}
    }

    @Test func itsDescriptorNeitherBlocksNorLeaks() throws {
        let socket = try SocketPath(path: path)
        #expect(fcntl(socket.fileDescriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(socket.fileDescriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(UnixSocket.accept(socket.fileDescriptor) == nil)
    }

    @Test(.enabled(if: isRoot), arguments: [("65534", 65534), ("root", 0)] as [(String, gid_t)])
    func belongsToTheGroupByNameOrNumber(group: String, number: gid_t) throws {
        let socket = try SocketPath(path: path, group: group)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_gid == number)
        #expect(mode(of: path) == 0o660)
        withExtendedLifetime(socket) {}
    }

    @Test func refusesAGroupThatDoesNotExist() {
        let error = #expect(throws: SystemError.self) { try SocketPath(path: path, group: "no-such-group") }
        #expect(error?.hint == "no such group")
        #expect(scratch.names.isEmpty)
    }

    @Test(.enabled(if: !isRoot)) func aFailedStepLeavesNothingButTheLock() {
        let error = #expect(throws: SystemError.self) { try SocketPath(path: path, group: "0") }
        #expect(error?.errno == EPERM)
        #expect(error?.hint == "the daemon's user must be a member of group 0")
        #expect(scratch.names == ["agentd.sock.lock"])
    }

    @Test func aSecondDaemonIsRefusedAndTheFirstServesOn() throws {
        let first = try SocketPath(path: path)
        let before = inode(of: path)
        let error = #expect(throws: SocketPath.InUse.self) { try SocketPath(path: path) }
        #expect(error.map { "\($0)" } == "another agentd serves \(path)")
        #expect(inode(of: path) == before)
        #expect(UnixSocket(SOCK_STREAM).connect(path))
        withExtendedLifetime(first) {}
    }

    @Test func aDeadDaemonsSocketIsReplaced() throws {
        do {
            let dead = UnixSocket(SOCK_STREAM)
            try #require(dead.bind(path) && dead.listen())
        }
        let before = inode(of: path)
        #expect(!UnixSocket(SOCK_STREAM).connect(path))
        let socket = try SocketPath(path: path)
        #expect(inode(of: path) != before)
        #expect(UnixSocket(SOCK_STREAM).connect(path))
        withExtendedLifetime(socket) {}
    }

    @Test func aTemporaryNameLeftByAKilledProcessIsReplaced() throws {
        let dead = UnixSocket(SOCK_STREAM)
        try #require(dead.bind(scratch.file(".agentd.sock.\(getpid())")))
        let socket = try SocketPath(path: path)
        #expect(scratch.names == ["agentd.sock", "agentd.sock.lock"])
        withExtendedLifetime(socket) {}
    }

    @Test func replacingDoesNotDisturbConnectedClients() throws {
        let old = UnixSocket(SOCK_STREAM)
        try #require(old.bind(path) && old.listen())
        let client = UnixSocket(SOCK_STREAM)
        try #require(client.connect(path))
        let accepted = try #require(UnixSocket.accept(old.descriptor))

        let socket = try SocketPath(path: path)
        client.send("still here")
        #expect(accepted.receive() == "still here")
        let newcomer = UnixSocket(SOCK_STREAM)
        #expect(newcomer.connect(path))
        newcomer.send("new")
        #expect(UnixSocket.accept(socket.fileDescriptor)?.receive() == "new")
    }

    @Test func closingRemovesThePathAndFreesIt() throws {
        let first = try SocketPath(path: path)
        first.close()
        first.close()
        #expect(scratch.names == ["agentd.sock.lock"])
        _ = try SocketPath(path: path)
        #expect(scratch.names == ["agentd.sock.lock"])
    }

    @Test func closingLeavesWhatSomebodyElsePutThere() throws {
        let socket = try SocketPath(path: path)
        unlink(path)
        let other = UnixSocket(SOCK_STREAM)
        try #require(other.bind(path) && other.listen())
        socket.close()
        #expect(UnixSocket(SOCK_STREAM).connect(path))
    }
}
