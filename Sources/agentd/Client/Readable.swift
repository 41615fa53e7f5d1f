import ArgumentParser
import Glibc

/// Waits for descriptors to have something to read.
enum Readable {
    /// Which of some descriptors is the first that has something, or has ended or failed; nil when a deadline comes
    /// before. Those that are nil are not waited for.
    static func wait(
        _ descriptors: [Int32?], until deadline: ContinuousClock.Instant? = nil
    ) throws(ClientFailure) -> Int? {
        // A negative number is one that the kernel passes over.
        var watched = descriptors.map { pollfd(fd: $0 ?? -1, events: Int16(POLLIN), revents: 0) }
        while true {
            var timeout: Int32 = -1
            if let deadline {
                let rest = deadline - .now
                guard rest > .zero else { return nil }
                timeout = Int32(clamping: max(1, Int(rest / .milliseconds(1))))
            }
            if poll(&watched, nfds_t(watched.count), timeout) < 0, errno != EINTR {
                throw ClientFailure("poll: \(String(cString: strerror(errno)))", ExitStatus.broken)
            }
            if let first = watched.firstIndex(where: { $0.revents != 0 }) { return first }
        }
    }
}
