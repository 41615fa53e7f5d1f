import AgentConfig
import AgentProviders
import AgentStore
import AgentSystem
import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// What a failed start means for the supervisor: configuration errors must not be retried, others may.
enum StartFailure {
    static func exitCode(of error: any Error) -> Int32 {
        switch error {
        case is ConfigurationError, is ScriptError, is ScriptFile.Missing, is StandardPaths.Undetermined:
            ExitStatus.configuration.rawValue
        case is FileLock.Held, is SocketPath.InUse: ExitStatus.tryAgain.rawValue
        case is StoreError: ExitStatus.inputOutput.rawValue
        case let error as SystemError where [EACCES, EPERM].contains(error.errno): ExitStatus.permission.rawValue
        case is SystemError: ExitStatus.cannotCreate.rawValue
        default: ExitStatus.broken.rawValue
        }
    }
}
