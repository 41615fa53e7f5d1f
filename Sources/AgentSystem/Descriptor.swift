import Glibc

/// A file descriptor with one owner, closed when the owner lets go of it.
struct Descriptor: ~Copyable, Sendable {
    /// The number; valid as long as this value lives.
    let number: Int32

    /// Takes over a descriptor from the kernel; nil when the call failed and gave -1.
    init?(_ number: Int32) {
        guard number >= 0 else { return nil }
        self.number = number
    }

    deinit { _ = Glibc.close(number) }
}
