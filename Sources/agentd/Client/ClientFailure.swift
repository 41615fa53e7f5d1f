import ArgumentParser

/// Why a client command ends without having done its work: a sentence for standard error and an exit code for scripts.
struct ClientFailure: Error {
    /// What happened, and what to do about it.
    let message: String
    /// One of `ExitStatus`.
    let status: ExitCode

    /// A failure with everything said.
    init(_ message: String, _ status: ExitCode) {
        self.message = message
        self.status = status
    }
}

/// The exit codes of the commands: 0, 1, and those of sysexits.h.
enum ExitStatus {
    /// The run failed or was interrupted.
    static let failed = ExitCode(1)
    /// The daemon refused what it was given, or it was no text; or the ledger is damaged.
    static let data = ExitCode(65)
    /// The daemon is not reachable.
    static let unreachable = ExitCode(69)
    /// Something of ours is broken.
    static let broken = ExitCode(70)
    /// The system could not force data to the disk.
    static let unsynced = ExitCode(71)
    /// A socket or a directory cannot be made.
    static let cannotCreate = ExitCode(73)
    /// Reading or writing failed, here or in the daemon's store.
    static let inputOutput = ExitCode(74)
    /// Not now; the same may work later.
    static let tryAgain = ExitCode(75)
    /// This user may not.
    static let permission = ExitCode(77)
    /// A path or setting makes no sense.
    static let configuration = ExitCode(78)

    /// What a refused command means for a script.
    static func of(code: String, retryable: Bool) -> ExitCode {
        switch code {
        case "forbidden": permission
        case "storage_error": inputOutput
        case "internal": broken
        case "session_busy": tryAgain
        default: retryable ? tryAgain : data
        }
    }
}
