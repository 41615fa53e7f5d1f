internal import CLinux
import Glibc

/// How many descriptors the process may have open.
public enum DescriptorLimit {
    /// Raises the soft limit to the hard one, as a server of many sockets has to, and has the kernel make room for so many
    /// at once; returns the limit that holds now.
    ///
    /// To be called before there are threads: while they share the kernel's table of descriptors, each doubling of it waits
    /// until all cores have noticed. That took 10 ms, in the middle of an `accept`.
    public static func raise(roomFor descriptors: Int) throws(SystemError) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw .last("getrlimit", nil)
        }
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw .last("setrlimit", nil)
        }
        let allowed = Int(clamping: limit.rlim_cur)
        // Where the last number is taken there is less room, and nothing worse.
        if let any = Descriptor(eventfd(0, Int32(EFD_CLOEXEC))) {
            _ = Descriptor(fcntl(any.number, F_DUPFD_CLOEXEC, Int32(max(1, min(descriptors, allowed)) - 1)))
        }
        return allowed
    }
}
