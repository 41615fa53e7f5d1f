import AgentProtocol
import AgentStore
import AgentSystem
import ArgumentParser
import Glibc

/// `agentd backup`: a verified copy of the ledger, made while the daemon works.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the database while the daemon works, and verify the copy.",
        usage: "agentd backup [options] <file>",
        discussion: """
            EXAMPLES
              agentd backup agentd-2026-11-22.db
              agentd backup --state-dir /var/lib/agentd /backup/agentd.db

            The copy holds everything that had been replied to or delivered when it began. It has its name only once it \
            is whole; a file that is there already is never touched. To restore, stop the daemon and put the copy in \
            the place of agentd.db in an otherwise empty state directory.

            Exit codes: 0; 64 usage; 65 the ledger is damaged, or none; 73 the copy cannot be made; 74 reading or \
            writing failed; 75 given up; 77 not permitted.
            """)

    @Option(help: ArgumentHelp("Where the daemon keeps its database.", valueName: "dir"))
    var stateDir: String?

    @Flag(help: "Say what was copied as one JSON object.")
    var json = false

    @Argument(help: "The file to make.")
    var file: String

    func run() throws {
        try reporting {
            // The daemon's conversations are nobody else's.
            umask(0o077)
            ProcessPriority.yieldToOthers()
            let signals = try blockSignals([SIGINT, SIGTERM, SIGHUP])
            report(try copy { signals.next() == nil })
        }
    }

    private func copy(isWanted: @escaping () -> Bool) throws(ClientFailure) -> LedgerBackup {
        do {
            let directory = try StandardPaths.stateDirectory(flag: stateDir, environment: ProcessEnvironment.variables)
            guard access(directory + "/" + Ledger.fileName, F_OK) == 0 || errno != ENOENT else {
                throw ClientFailure(
                    "there is no ledger in \(directory) (--state-dir names another place)", ExitStatus.inputOutput)
            }
            let target = try NewFile(path: file)
            let copy = try LedgerBackup(of: directory + "/" + Ledger.fileName, into: target.draft) {
                target.writeBack()
                return isWanted()
            }
            try target.publish()
            return copy
        } catch let failure as ClientFailure {
            throw failure
        } catch {
            throw ClientFailure("\(error)", ExitCode(DaemonFailure.exitCode(of: error)))
        }
    }

    private func report(_ copy: LedgerBackup) {
        guard json else {
            return Terminal.output.write(
                "\(Terminal.oneLine(file)): \(copy.bytes) bytes, \(Quantity.text(copy.sessions, "session")), "
                    + "\(Quantity.text(copy.runs, "run")), \(Quantity.text(copy.messages, "message")), verified\n")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("file")
        writer.string(file)
        for (name, value) in [
            ("bytes", copy.bytes), ("sessions", copy.sessions), ("runs", copy.runs), ("messages", copy.messages),
        ] {
            writer.key(name)
            writer.integer(value)
        }
        writer.endObject()
        Terminal.output.write(json: writer.bytes + [0x0A])
    }
}
