import AgentConfig
import AgentProviders
import AgentStore
import AgentSystem
import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// What a failure of the daemon, at its start or later, means for the supervisor: configuration errors must not be
/// retried, others may.
enum DaemonFailure {
    static func exitCode(of error: any Error) -> Int32 {
        switch error {
        case is ConfigurationError, is StandardPaths.Undetermined: ExitStatus.configuration.rawValue
        case is FileLock.Held, is SocketPath.InUse: ExitStatus.tryAgain.rawValue
        case let error as StoreError: exitCode(of: error.kind)
        case let error as SystemError where [EACCES, EPERM].contains(error.errno): ExitStatus.permission.rawValue
        case is SystemError: ExitStatus.cannotCreate.rawValue
        default: ExitStatus.broken.rawValue
        }
    }

    private static func exitCode(of kind: StoreError.Kind) -> Int32 {
        switch kind {
        case .unsynced: ExitStatus.unsynced.rawValue
        case .damaged: ExitStatus.data.rawValue
        case .interrupted: ExitStatus.tryAgain.rawValue
        case .full, .busy, .other: ExitStatus.inputOutput.rawValue
        }
    }
}
