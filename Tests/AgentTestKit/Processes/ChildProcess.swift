public import Glibc

/// A process that a test starts, waits for by its end and not by the clock, and never leaves behind.
///
/// It leads a process group of its own, which is killed with it.
public final class ChildProcess {
    /// How a process ended.
    public enum Ending: Equatable, Sendable {
        /// By itself, with this code.
        case exited(Int32)
        /// By this signal.
        case signalled(Int32)
    }

    /// Its number.
    public let processID: pid_t
    /// How it ended, once that is known.
    public private(set) var ending: Ending?
    /// The number under which it has the other end: no program expects anything there.
    private static let lifeNumber: Int32 = 100
    /// Our end of a socket whose other end only the process and its children have: it ends when they have ended.
    private let life: Int32

    /// Starts a program, which is looked up in PATH; its output and errors go into files.
    ///
    /// - Parameters:
    ///   - arguments: the program and its arguments.
    ///   - environment: variables beside ours; what would configure a daemon is not inherited.
    ///   - output: the file for standard output.
    ///   - errors: the file for standard error; nil for the same file.
    ///   - handed: a descriptor that it finds as its third.
    public init(
        _ arguments: [String], environment: [String: String] = [:], output: String, errors: String? = nil,
        handed: Int32? = nil
    ) throws(TestFailure) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw TestFailure("socketpair: \(String(cString: strerror(errno)))")
        }
        life = ends[0]
        defer { close(ends[1]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
        if let errors {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, flags, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }
        // Neither may be overwritten before it is where it belongs.
        let lifeEnd = fcntl(ends[1], F_DUPFD_CLOEXEC, Self.lifeNumber + 1)
        defer { close(lifeEnd) }
        if let handed { posix_spawn_file_actions_adddup2(&actions, handed, 3) }
        posix_spawn_file_actions_adddup2(&actions, lifeEnd, Self.lifeNumber)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        let words = arguments.map { strdup($0) } + [nil]
        let variables = Self.environment(adding: environment).map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, arguments[0], &actions, &attributes, words, variables)
        guard code == 0 else {
            close(ends[0])
            throw TestFailure("cannot start \(arguments[0]): \(String(cString: strerror(code)))")
        }
        processID = child
    }

    deinit {
        kill(SIGKILL)
        reap()
        close(life)
    }

    /// Sends a signal to the process and its children, unless it has ended.
    public func kill(_ signal: Int32) {
        if ending == nil { _ = Glibc.kill(-processID, signal) }
    }

    /// Sends a signal to the process alone.
    public func signal(_ signal: Int32) {
        if ending == nil { _ = Glibc.kill(processID, signal) }
    }

    /// Waits until the process and its children have ended.
    public func wait(within limit: Duration = .seconds(20)) throws(TestFailure) -> Ending {
        if let ending { return ending }
        guard Self.wait(for: life, events: POLLIN, until: Deadline(in: limit)) else {
            throw TestFailure("process \(processID) has not ended after \(limit)")
        }
        return reap()
    }

    /// Waits until the process and its children have ended or a moment has come; returns whether they have ended.
    public func hasEnded(by deadline: Deadline) -> Bool { Self.wait(for: life, events: POLLIN, until: deadline) }

    /// Waits until a descriptor is ready or the process has ended; returns whether the descriptor is ready.
    public func wait(for descriptor: Int32, until deadline: Deadline) -> Bool {
        var watched = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: life, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&watched, 2, deadline.pollTimeout) < 0 && errno == EINTR {}
        return watched[0].revents != 0
    }

    @discardableResult private func reap() -> Ending {
        if let ending { return ending }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        let ending = signal == 0 ? Ending.exited((status >> 8) & 0xFF) : .signalled(signal)
        self.ending = ending
        return ending
    }

    private static func wait(for descriptor: Int32, events: Int32, until deadline: Deadline) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let ready = poll(&watched, 1, deadline.pollTimeout)
            if ready > 0 { return true }
            if ready == 0 || errno != EINTR { return false }
        }
    }

    /// Our environment without what configures a daemon, and with these variables.
    private static func environment(adding additions: [String: String]) -> [String] {
        var list: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            let name = text.prefix { $0 != "=" }
            let configures =
                ["AGENTD_", "LISTEN_", "NOTIFY_", "WATCHDOG_", "XDG_"].contains { name.hasPrefix($0) }
                || ["HOME", "JOURNAL_STREAM", "RUNTIME_DIRECTORY", "STATE_DIRECTORY"].contains(name)
            if !configures, additions[String(name)] == nil { list.append(text) }
            next += 1
        }
        return list + additions.map { "\($0)=\($1)" }
    }
}
