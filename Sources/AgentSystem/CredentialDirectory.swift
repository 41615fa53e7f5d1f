import Glibc

/// The directory in which the service manager puts a unit's credentials (systemd.exec(5), `LoadCredential=`).
///
/// Its files are not inherited by children, and gone when the unit stops. The manager gives them mode 0400, or shows
/// the daemon's access as an entry for a group (0440, an access list), so they are judged by a rule of their own.
public struct CredentialDirectory: Sendable {
    /// Where it is.
    public let path: String

    /// The directory that `CREDENTIALS_DIRECTORY` names; nil when the variable is unset, empty or not an absolute path.
    public init?(environment: [String: String]) {
        guard let path = environment["CREDENTIALS_DIRECTORY"], path.hasPrefix("/") else { return nil }
        self.path = path
    }

    /// The credential of a name; nil when there is none, or when no credential can have this name.
    ///
    /// - Throws: `SystemError` when the file is not a regular one (links are not followed), belongs to somebody other
    ///   than us and root, can be written by its group or used by others, or holds what no secret can hold.
    public func secret(named name: String) throws(SystemError) -> Secret? {
        guard Self.isName(name) else { return nil }
        guard let directory = Descriptor(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) else {
            if errno == ENOENT { return nil }
            throw .last("open credential directory", path)
        }
        let shown = "\(path)/\(name)"
        guard try FileStatus.at(name, in: directory.number, shownAs: shown) != nil else { return nil }
        let file = try SecretFile.open(name, in: directory.number, shownAs: shown)
        let status = try SecretFile.verifiedStatus(of: file, shownAs: shown)
        guard status.mode & 0o027 == 0 else {
            throw SystemError(
                operation: SecretFile.operation, path: shown, errno: EACCES,
                hint: "mode \(String(status.mode, radix: 8)) lets others in; chmod 400 \(shown)")
        }
        return try SecretFile.secret(in: file, shownAs: shown)
    }

    /// Whether the service manager takes a name: one component of printable ASCII without a colon, at most 255 bytes.
    private static func isName(_ name: String) -> Bool {
        guard (1...255).contains(name.utf8.count), name != ".", name != ".." else { return false }
        return name.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
    }
}
