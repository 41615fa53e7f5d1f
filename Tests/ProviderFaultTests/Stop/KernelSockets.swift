import AgentTestKit

/// What the kernel says of TCP sockets.
enum KernelSockets {
    /// Sockets of this host that have begun to connect to a port; nil where the kernel does not tell.
    static func connecting(to port: UInt16) -> Int? {
        let lines = TemporaryDirectory.read("/proc/net/tcp").split(separator: "\n").dropFirst()
        guard !lines.isEmpty else { return nil }
        return lines.count { line in
            let fields = line.split(separator: " ")
            let remote = fields.count > 3 ? fields[2].split(separator: ":").last : nil
            // SYN_SENT.
            return remote.flatMap { UInt16($0, radix: 16) } == port && fields[3] == "02"
        }
    }
}
