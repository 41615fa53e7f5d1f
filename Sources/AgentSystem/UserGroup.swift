import Glibc

/// A group of users, as the system's database knows it.
enum UserGroup {
    /// The number of a group that is given by its name, or by the number itself.
    static func id(of text: String) throws(SystemError) -> UInt32 {
        if let number = UInt32(text) { return number }
        var group = group()
        var found: UnsafeMutablePointer<Glibc.group>?
        // A group's entry lists its members, so no size is certain to be enough.
        var buffer = [CChar](repeating: 0, count: 4096)
        var failure = getgrnam_r(text, &group, &buffer, buffer.count, &found)
        while failure == ERANGE, buffer.count < 1 << 20 {
            buffer = [CChar](repeating: 0, count: buffer.count * 2)
            failure = getgrnam_r(text, &group, &buffer, buffer.count, &found)
        }
        guard failure == 0 else { throw SystemError(operation: "look up group \(text)", errno: failure) }
        guard found != nil else {
            throw SystemError(operation: "look up group \(text)", errno: ENOENT, hint: "no such group")
        }
        return group.gr_gid
    }
}
