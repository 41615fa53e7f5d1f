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
        guard let file = fopen(path, "re") else {
            guard errno != ENOENT else { return nil }
            throw SystemError(operation: "open", path: path, errno: errno, hint: nil)
        }
        defer { fclose(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: maxBytes) { $1 = fread($0.baseAddress, 1, maxBytes, file) }
        guard ferror(file) == 0, fgetc(file) == EOF else {
            throw SystemError(operation: "read", path: path, errno: EFBIG, hint: "a script may have 1 MiB")
        }
        return bytes
    }
}
