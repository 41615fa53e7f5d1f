internal import CFaultVFS

/// What SQLite asks of its files.
public struct DiskCall: OptionSet, Sendable, CustomStringConvertible {
    /// The calls as bits.
    public let rawValue: UInt32

    /// A set of calls by its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ call: agentd_disk_call) { rawValue = UInt32(call.rawValue) }

    /// Opening, or creating, a file.
    public static let open = DiskCall(agentd_disk_open)
    /// Deleting a file.
    public static let delete = DiskCall(agentd_disk_delete)
    /// Asking whether a file is there.
    public static let access = DiskCall(agentd_disk_access)
    /// Reading.
    public static let read = DiskCall(agentd_disk_read)
    /// Writing.
    public static let write = DiskCall(agentd_disk_write)
    /// Cutting a file to a size.
    public static let truncate = DiskCall(agentd_disk_truncate)
    /// Making sure that what was written is on the disk.
    public static let sync = DiskCall(agentd_disk_sync)
    /// Asking for a file's size.
    public static let size = DiskCall(agentd_disk_size)
    /// Taking a lock of the file or of the shared memory.
    public static let lock = DiskCall(agentd_disk_lock)
    /// Mapping the shared memory.
    public static let map = DiskCall(agentd_disk_map)

    /// Each call by itself, with its name.
    public static let each: [(name: String, call: DiskCall)] = [
        ("open", .open), ("delete", .delete), ("access", .access), ("read", .read), ("write", .write),
        ("truncate", .truncate), ("sync", .sync), ("size", .size), ("lock", .lock), ("map", .map),
    ]

    /// The names of the calls.
    public var description: String { Self.each.filter { contains($0.call) }.map(\.name).joined(separator: "+") }
}
