#if canImport(Glibc)
import Glibc
#endif

/// How many descriptors the process may have open.
public enum DescriptorLimit {
    /// Raises the soft limit to the hard one, as a server of many sockets has to; returns what holds now.
    public static func raise() throws(SystemError) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw SystemError(operation: "getrlimit", path: nil, errno: errno, hint: nil)
        }
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw SystemError(operation: "setrlimit", path: nil, errno: errno, hint: nil)
        }
        return Int(clamping: limit.rlim_cur)
    }
}
