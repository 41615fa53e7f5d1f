internal import CFaultVFS

/// A directory whose SQLite files are on a disk that notes what is done to it, and fails when it is told to.
///
/// It works below SQLite, for every connection of the process that opens a file in the directory afterwards; all other
/// files are left alone, so that tests with disks of their own may run side by side. Its syncs are noted and not done.
///
/// `@unchecked Sendable` is safe: the stage may be used from any thread and lives as long as the disk, and `start` is set
/// before there is anything to record.
public final class FaultyDisk: @unchecked Sendable {
    private let stage: OpaquePointer
    private let directory: String
    private var start: [DiskFile] = []

    /// A disk for a directory that is there. It is an ordinary directory again when nobody holds the disk any more.
    public init(_ directory: String) throws(TestFailure) {
        guard let stage = agentd_stage_raise(directory) else {
            throw TestFailure("no disk can be made of \(directory)")
        }
        self.stage = stage
        self.directory = directory
    }

    deinit { agentd_stage_strike(stage) }

    // MARK: Failing

    /// Fails as told from now on; calls are counted from here.
    public func fail(_ fault: DiskFault) { agentd_stage_fail(stage, fault.inC) }

    /// Fails no more.
    public func heal() { agentd_stage_heal(stage) }

    /// Fails everything from now on: what the process does that it should have ended is without effect.
    public func kill() { agentd_stage_kill(stage) }

    /// Calls of the fault's kinds since it was set.
    public var calls: Int { Int(agentd_stage_calls(stage)) }

    /// Calls that failed since the fault was set.
    public var failures: Int { Int(agentd_stage_failures(stage)) }

    // MARK: Recording

    /// Keeps what is done to the files from now on. Only once, and while nobody has them open.
    public func record() throws(TestFailure) {
        start = try DiskFile.all(in: directory)
        agentd_stage_record(stage)
    }

    /// How many operations have been recorded: the place of this moment in the recording.
    public var position: Int { agentd_stage_recorded(stage) }

    /// What has been recorded so far.
    public var recording: DiskRecording {
        var names: [String] = []
        for index in 0..<agentd_stage_files(stage) { names.append(String(cString: agentd_stage_file(stage, index))) }
        var operations: [DiskRecording.Operation] = []
        for index in 0..<position {
            let operation = agentd_stage_operation(stage, index)
            operations.append(DiskRecording.Operation(file: names[Int(operation.file)], Self.kind(of: operation)))
        }
        return DiskRecording(start: start, operations: operations)
    }

    private static func kind(of operation: agentd_disk_operation) -> DiskRecording.Operation.Kind {
        switch operation.kind {
        case agentd_disk_created: .created
        case agentd_disk_deleted: .deleted(isDirectorySynced: operation.offset != 0)
        case agentd_disk_truncated: .truncated(to: Int(operation.offset))
        case agentd_disk_synced: .synced
        default:
            .written(
                Array(UnsafeBufferPointer(start: operation.bytes, count: operation.count)), at: Int(operation.offset))
        }
    }

    /// Connections that wrote to a database or to its log; a checkpoint writes to the database.
    public var writers: Int { Int(agentd_stage_writers(stage)) }
}
