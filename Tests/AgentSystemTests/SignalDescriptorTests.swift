import AgentSystem
import Glibc
import Testing

/// `raise` sends to the calling thread, so each test sees only its own signals; it gives the thread its mask back.
@Suite struct SignalDescriptorTests {
    @Test func givesEachBlockedSignalOnce() throws {
        try keepingTheMask {
            let signals = try SignalDescriptor([SIGUSR1, SIGUSR2])
            #expect(signals.next() == nil)
            raise(SIGUSR2)
            raise(SIGUSR1)
            raise(SIGUSR1)
            let received: Set<Int32?> = [signals.next(), signals.next()]
            #expect(received == [SIGUSR1, SIGUSR2])
            #expect(signals.next() == nil)
            close(signals.fileDescriptor)
        }
    }

    @Test func itsDescriptorNeitherBlocksNorLeaks() throws {
        try keepingTheMask {
            let signals = try SignalDescriptor([SIGUSR1])
            #expect(fcntl(signals.fileDescriptor, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(signals.fileDescriptor, F_GETFD) & FD_CLOEXEC != 0)
            close(signals.fileDescriptor)
        }
    }

    @Test func refusesWhatIsNoSignal() {
        let error = #expect(throws: SystemError.self) { try SignalDescriptor([4711]) }
        #expect(error?.errno == EINVAL)
    }

    @Test func aBrokenPipeIsAnErrorAndNotTheEnd() throws {
        SignalDescriptor.ignoreBrokenPipes()
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        #expect(write(ends[1], "x", 1) == -1)
        #expect(errno == EPIPE)
        close(ends[1])
    }

    private func keepingTheMask(_ body: () throws -> Void) throws {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
        try body()
    }
}
