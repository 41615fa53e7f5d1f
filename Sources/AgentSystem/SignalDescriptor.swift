import CLinux
import Glibc

/// Signals as something to read: they are blocked, and arrive on a descriptor that stands in the loop's epoll set.
///
/// Make it on the main thread before any other thread is started; threads inherit the mask, and a signal that one of
/// them does not block would end the process. It lives as long as the process, so nothing closes it.
public struct SignalDescriptor: Sendable {
    /// Readable when a signal waits; does not block and is closed on exec.
    public let fileDescriptor: Int32

    /// Blocks the signals in the calling thread and opens the descriptor.
    ///
    /// - Throws: `SystemError` when one of them is no signal or the kernel gives no descriptor.
    public init(_ signals: [Int32]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals {
            guard sigaddset(&set, signal) == 0 else { throw .last("block signal \(signal)") }
        }
        let failure = pthread_sigmask(SIG_BLOCK, &set, nil)
        guard failure == 0 else { throw SystemError(operation: "pthread_sigmask", errno: failure) }
        let number = signalfd(-1, &set, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
        guard number >= 0 else { throw .last("signalfd") }
        fileDescriptor = number
    }

    /// Takes one waiting signal; nil when none is left. The kernel merges equal signals that were not taken yet.
    public func next() -> Int32? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(fileDescriptor, &info, size) == size else { return nil }
        return Int32(info.ssi_signo)
    }

    /// Makes a write to a connection that is gone fail with EPIPE instead of ending the process.
    public static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }
}
