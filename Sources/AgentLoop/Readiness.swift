import CLinux

/// What the kernel says of a descriptor.
public struct Readiness: OptionSet, Sendable {
    /// The epoll bits.
    public let rawValue: UInt32

    /// Readiness by its epoll bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There are bytes to read, or the end of input.
    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    /// There is room to write.
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// Both directions are gone: the peer has closed.
    public static let hungUp = Readiness(rawValue: EPOLLHUP.rawValue)
    /// The descriptor is in error.
    public static let failed = Readiness(rawValue: EPOLLERR.rawValue)
}

/// Told by the loop when a descriptor it registered is ready.
@LoopActor public protocol ReadinessHandler: AnyObject {
    /// The descriptor is ready for what is named; hang-up and failure come unasked.
    func ready(_ readiness: Readiness)
}
