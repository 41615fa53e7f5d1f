import AgentTestKit
import Glibc

/// A command at a terminal of its own: keys go in, and what it shows is waited for.
final class PseudoTerminal {
    private let keyboard: Int32
    private let processID: pid_t
    private var hasEnded = false
    /// Everything it has shown, as it came.
    private(set) var shown = ""
    private var bytes: [UInt8] = []
    /// How far `shown` has been waited for.
    private var seen: String.Index

    /// Starts the built binary with arguments.
    init(_ arguments: [String], environment: [String: String], columns: UInt16 = 80) throws(TestFailure) {
        seen = shown.startIndex
        var (ours, its): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&ours, &its, &name, nil, &size) == 0 else {
            throw TestFailure("no terminal: \(String(cString: strerror(errno)))")
        }
        keyboard = ours
        // The command's end is opened anew by the command; tests that run beside inherit neither.
        _ = fcntl(keyboard, F_SETFD, FD_CLOEXEC)
        _ = fcntl(its, F_SETFD, FD_CLOEXEC)
        defer { close(its) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a session opens is its own: Ctrl-C means the command.
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, name, O_RDWR, 0)
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // POSIX_SPAWN_SETSID, which Glibc's module leaves out.
        let newSession: Int32 = 0x80
        posix_spawnattr_setflags(
            &attributes, Int16(Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | newSession))

        let path = try DaemonProcess.binary()
        var variables = ["PATH": "/usr/bin:/bin", "TERM": "xterm"]
        variables.merge(environment) { $1 }
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + settings { free(text) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &actions, &attributes, words, settings)
        guard code == 0 else { throw TestFailure("cannot start \(path): \(String(cString: strerror(code)))") }
        processID = child
    }

    deinit {
        if !hasEnded {
            kill(processID, SIGKILL)
            waitpid(processID, nil, 0)
        }
        close(keyboard)
    }

    /// Types a text.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(keyboard, bytes, bytes.count)
    }

    /// Waits until a text has been shown since the last one that was waited for.
    func expect(_ text: String, within limit: Duration = .seconds(20)) throws(TestFailure) {
        let deadline = Deadline(in: limit)
        while true {
            if let range = shown[seen...].firstRange(of: text) {
                seen = range.upperBound
                return
            }
            guard try read(until: deadline) else { throw TestFailure("\"\(text)\" was not shown:\n\(shown)") }
        }
    }

    /// Waits until the command has ended; returns its exit code, or nil when a signal has ended it.
    func exitCode(within limit: Duration = .seconds(20)) throws(TestFailure) -> Int32? {
        let deadline = Deadline(in: limit)
        var status: Int32 = 0
        // What it shows is taken all the while: a terminal that nobody reads makes it wait.
        while waitpid(processID, &status, WNOHANG) == 0 {
            guard !deadline.hasPassed else { throw TestFailure("the command has not ended:\n\(shown)") }
            _ = try read(until: Deadline(in: .milliseconds(20)))
        }
        hasEnded = true
        while try read(until: Deadline(in: .zero)) {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
    }

    /// Sends the command an interrupt that no key has made.
    func interrupt() { kill(processID, SIGINT) }

    private func read(until deadline: Deadline) throws(TestFailure) -> Bool {
        var watched = pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, deadline.pollTimeout) > 0 else { return false }
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(keyboard, &chunk, chunk.count)
        guard count > 0 else { return false }
        bytes += chunk[..<count]
        let offset = shown.utf8.distance(from: shown.startIndex, to: seen)
        // Whole characters only; a torn one waits for its rest.
        guard let text = String(validating: bytes, as: UTF8.self) else { return true }
        shown += text
        bytes = []
        seen = shown.utf8.index(shown.startIndex, offsetBy: offset)
        return true
    }
}
