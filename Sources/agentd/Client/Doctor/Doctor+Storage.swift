import AgentStore
import AgentSystem
import Glibc

extension Doctor {
    /// Below this new runs are refused (see the ledger's reserve).
    private static let leastSpace: UInt64 = 20 << 20
    /// Below this somebody should know.
    private static let goodSpace: UInt64 = 1 << 30
    /// The log is emptied at half of this; more means that something reads the ledger for long.
    private static let longLog: Int64 = 128 << 20

    /// Looks at the directory of the state, at the ledger in it, and at the space around it.
    func examineStorage() {
        let directory: String
        do throws(StandardPaths.Undetermined) {
            directory = try StandardPaths.stateDirectory(
                flag: stateDirectory, environment: ProcessEnvironment.variables)
        } catch {
            return report(.bad("state", error.description, do: "say --state-dir DIR"))
        }
        var status = stat()
        guard stat(directory, &status) == 0 else {
            let reason = "\(directory): \(String(cString: strerror(errno)))"
            return report(
                .doubtful(
                    "state", reason, do: "say --state-dir if it is elsewhere; agentd serve makes one that is missing"))
        }
        report(rights(directory, status))
        report(space(directory))
        examineLedger(directory + "/agentd.db")
    }

    private func rights(_ directory: String, _ status: stat) -> Finding {
        let mode = String(status.st_mode & 0o7777, radix: 8)
        if status.st_mode & 0o077 != 0 {
            return .bad(
                "state", "\(directory) has mode \(mode), which lets others in; agentd serve refuses it",
                do: "chmod 700 \(directory), and see who has been in it")
        }
        guard status.st_uid == geteuid() else {
            return .doubtful(
                "state", "\(directory) belongs to uid \(status.st_uid), this is uid \(geteuid())",
                do: "run agentd doctor as the daemon's user")
        }
        return .good("state", "\(directory), mode \(mode)")
    }

    private func space(_ directory: String) -> Finding {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else {
            return .doubtful("space", String(cString: strerror(errno)), do: "df \(directory)")
        }
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue
        let text = "\(free >> 20) MiB free"
        if free < Self.leastSpace {
            return .bad("space", text + ": new runs are refused", do: "make room on that disk")
        }
        guard free < Self.goodSpace else { return .good("space", text) }
        return .doubtful("space", text, do: "make room on that disk before it is full")
    }

    private func examineLedger(_ path: String) {
        guard access(path, R_OK) == 0 else {
            let isMissing = errno == ENOENT
            let reason = "\(path): \(String(cString: strerror(errno)))"
            let advice = isMissing ? "nothing, if no daemon has run yet" : "run agentd doctor as the daemon's user"
            return report(.doubtful("ledger", reason, do: advice))
        }
        do throws(StoreError) {
            let ledger = try LedgerInspection(path: path)
            let took = ShownTime.milliseconds(ledger.duration)
            report(.good("ledger", "\(ledger.bytes >> 10) KiB, sound (looked through in \(took) ms)"))
            let log = "\(ledger.logBytes >> 10) KiB"
            guard ledger.logBytes > Self.longLog else { return report(.good("log", log)) }
            report(.doubtful("log", log, do: "see who reads \(path) for long: fuser \(path)"))
        } catch {
            let advice =
                error.kind == .damaged
                ? "stop the daemon and restore the ledger from a copy" : "try again; else look at the disk"
            report(.bad("ledger", "\(path): \(error)", do: advice))
        }
    }
}
