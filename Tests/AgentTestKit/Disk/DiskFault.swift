internal import CFaultVFS
internal import CSQLite

/// Which call of a disk fails, and how.
public struct DiskFault: Sendable, CustomStringConvertible {
    /// How a call fails.
    public enum Failure: Sendable {
        /// The device reports an error.
        case device
        /// There is no space left.
        case full
        /// There is no space left but that of the daemon's reserve, when that is given up.
        case fullButForReserve
        /// Half of what was to be written is written, and then the device reports an error.
        case torn

        /// Whether there is no space.
        public var isOfSpace: Bool { self == .full || self == .fullButForReserve }
    }

    /// The calls that are counted.
    public var calls: DiskCall
    /// The one of them that fails, from 1.
    public var nth: Int
    /// Whether all later ones fail too.
    public var isForGood: Bool
    /// How it fails.
    public var failure: Failure

    /// A fault with everything said.
    public init(_ calls: DiskCall, nth: Int, isForGood: Bool = false, failure: Failure = .device) {
        self.calls = calls
        self.nth = nth
        self.isForGood = isForGood
        self.failure = failure
    }

    /// One line for reports.
    public var description: String { "\(calls) \(nth) fails \(isForGood ? "for good" : "once") (\(failure))" }

    var inC: agentd_disk_fault {
        agentd_disk_fault(
            calls: calls.rawValue, code: failure.isOfSpace ? SQLITE_FULL : deviceCode, nth: UInt64(nth),
            for_good: isForGood, torn: failure == .torn, room: failure == .fullButForReserve ? Self.room : 0)
    }

    /// Less than the reserve has, and enough for the ends of a few runs.
    private static let room: UInt64 = 1 << 20

    /// What SQLite's own layer says when the system refuses such a call.
    private var deviceCode: Int32 {
        switch calls {
        case .open: SQLITE_CANTOPEN
        case .delete: Self.inputOutput(10)
        case .access: Self.inputOutput(13)
        case .read: Self.inputOutput(1)
        case .write: Self.inputOutput(3)
        case .truncate: Self.inputOutput(6)
        case .sync: Self.inputOutput(4)
        case .size: Self.inputOutput(7)
        case .lock: Self.inputOutput(15)
        case .map: Self.inputOutput(21)
        default: SQLITE_IOERR
        }
    }

    /// SQLite's extended codes are macros that Swift does not import.
    private static func inputOutput(_ detail: Int32) -> Int32 { SQLITE_IOERR | detail << 8 }
}
