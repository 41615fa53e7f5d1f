import CLinux
import Glibc

/// Set once by one thread, waited for by another.
public final class Signal: Sendable {
    private let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))

    /// Not set yet.
    public init() {}

    deinit { close(descriptor) }

    /// Sets it; again is no harm.
    public func set() { eventfd_write(descriptor, 1) }

    /// Whether it is set.
    public var isSet: Bool { wait(milliseconds: 0) }

    /// Waits until it is set; false when it is not in time.
    @discardableResult
    public func wait(milliseconds: Int32 = 20_000) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let ready = poll(&watched, 1, milliseconds)
            if ready >= 0 { return ready > 0 }
            guard errno == EINTR else { return false }
        }
    }
}
