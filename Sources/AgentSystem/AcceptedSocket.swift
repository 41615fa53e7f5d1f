internal import CLinux

#if canImport(Glibc)
import Glibc
#endif

/// Takes clients from a listening socket.
public enum AcceptedSocket {
    /// The next client's descriptor, non-blocking and closed on exec; nil with `errno` set when there is none.
    ///
    /// A client that has given up meanwhile is passed over.
    public static func next(from listener: Int32) -> Int32? {
        while true {
            let descriptor = agentd_accept(listener)
            if descriptor >= 0 { return descriptor }
            if errno != EINTR && errno != ECONNABORTED { return nil }
        }
    }

    /// Whether an error means that the process, or the system, has no descriptor or memory left for a client.
    public static func isExhausted(_ code: Int32) -> Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code)
    }
}
