import ArgumentParser
import Glibc

/// A process that a command starts and ends again.
struct ChildProcess: ~Copyable {
    /// Its id, until it has been waited for.
    let processID: pid_t

    /// Starts a program with an environment of its own, in a process group of its own: a Ctrl-C at the terminal is for
    /// the command, which then decides about its children.
    ///
    /// - Parameters:
    ///   - path: the program.
    ///   - arguments: its arguments, its own name first.
    ///   - environment: `NAME=value`; nothing else is handed on.
    ///   - output: the descriptor that becomes its standard output and error; its standard input is empty.
    /// - Throws: `ClientFailure` when it cannot be started.
    init(path: String, arguments: [String], environment: [String], output: Int32) throws(ClientFailure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The command has blocked the signals that it reads itself, and may ignore broken pipes; the child inherits
        // neither.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var pipes = sigset_t()
        sigemptyset(&pipes)
        sigaddset(&pipes, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &pipes)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, path, &actions, &attributes, &argv, &envp)
        guard failure == 0 else {
            throw ClientFailure("cannot start \(path): \(String(cString: strerror(failure)))", ExitStatus.broken)
        }
        processID = child
    }

    /// The exit code if it has ended (128 and the signal's number if a signal ended it); nil while it runs.
    func exitCode() -> Int32? {
        // Left to be waited for, so that the id stays ours until `end()`.
        var info = siginfo_t()
        let options = WEXITED | WNOHANG | WNOWAIT
        guard waitid(P_PID, id_t(processID), &info, options) == 0, info.si_signo == SIGCHLD else { return nil }
        return info.si_code == Int32(CLD_EXITED)
            ? info._sifields._sigchld.si_status : 128 + info._sifields._sigchld.si_status
    }

    /// Ends it: a polite request, and after three seconds the hard way.
    consuming func end() {
        kill(processID, SIGTERM)
        let deadline = ContinuousClock.now + .seconds(3)
        while exitCode() == nil {
            if ContinuousClock.now >= deadline { kill(processID, SIGKILL) }
            poll(nil, 0, 10)
        }
        // Whatever it left behind in its process group goes too.
        kill(-processID, SIGKILL)
        waitpid(processID, nil, 0)
    }
}
