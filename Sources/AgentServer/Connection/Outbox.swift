#if canImport(Glibc)
import Glibc
#endif

/// Bytes on their way to one client.
struct Outbox {
    /// What became of a write.
    enum WriteResult: Equatable {
        /// Everything is with the kernel.
        case drained
        /// The kernel takes no more for now.
        case blocked
        /// The peer is gone.
        case broken
    }

    /// Memory kept between two turns; more is given back, so that thousands of idle streams stay small.
    private static let keptCapacity = 16 * 1024

    private(set) var bytes: [UInt8] = []
    private var sent = 0

    /// Bytes that the kernel has not taken yet.
    var pendingBytes: Int { bytes.count - sent }

    var isEmpty: Bool { pendingBytes == 0 }

    mutating func append(_ frame: [UInt8]) { bytes.append(contentsOf: frame) }

    /// Lets a frame be written in place.
    mutating func append(_ write: (inout [UInt8]) -> Void) { write(&bytes) }

    /// Hands as much as possible to the kernel, in one call where it takes all.
    mutating func write(to descriptor: Int32) -> WriteResult {
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                dropSent()
                return .blocked
            } else if errno != EINTR {
                return .broken
            }
        }
        sent = 0
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        return .drained
    }

    /// Gives back the memory of what was sent, once that is a fifth of the whole: each byte that is sent moves four at most.
    private mutating func dropSent() {
        guard sent > pendingBytes / 4 else { return }
        bytes = Array(bytes[sent...])
        sent = 0
    }
}
