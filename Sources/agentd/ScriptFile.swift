import AgentProtocol
import AgentSystem

#if canImport(Glibc)
import Glibc
#endif

/// Reads scripts from the folder beside the configuration.
enum ScriptFile {
    /// A script may not be larger than this.
    private static let maxBytes = 1 << 20

    /// The name, if it can be a file's: one component, no way out of the folder.
    static func name(_ model: String) -> String? {
        RunID(model) != nil && !model.hasPrefix(".") ? model : nil
    }

    /// The script's JSON; nil when there is no such file.
    static func read(_ name: String, in directory: String) throws -> [UInt8]? {
        let path = "\(directory)/\(name).json"
        // A pipe is not waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, let file = fdopen(descriptor, "r") else {
            guard errno != ENOENT else { return nil }
            throw SystemError(operation: "open", path: path, errno: errno, hint: nil)
        }
        defer { fclose(file) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(operation: "read", path: path, errno: EINVAL, hint: "it is not a regular file")
        }
        let bytes = [UInt8](unsafeUninitializedCapacity: maxBytes) { $1 = fread($0.baseAddress, 1, maxBytes, file) }
        guard ferror(file) == 0, fgetc(file) == EOF else {
            throw SystemError(operation: "read", path: path, errno: EFBIG, hint: "a script may have 1 MiB")
        }
        return bytes
    }
}
