import AgentConfig
import AgentHTTP
import AgentProtocol
import AgentStore
import AgentSystem
import ArgumentParser
import Glibc

/// Looks at everything that a daemon needs, changes nothing, and says what to do.
struct Doctor {
    /// How long a daemon may take to answer.
    private static let patience = Duration.seconds(5)

    /// What the command line says; nil where it says nothing.
    let config: String?
    let socket: String?
    let stateDirectory: String?
    /// Hears each finding as it is made: some take their time.
    let report: (Finding) -> Void

    private let environment = ProcessEnvironment.variables

    /// Looks at one thing after the other.
    func examine() {
        report(.good("agentd", AgentdVersion.current))
        report(.good("sqlite", LedgerInspection.libraryVersion))
        // Itself and its TLS; the rest of what it names is long.
        let curl = ConnectionProbe.libraryVersion.split(separator: " ").prefix(2).joined(separator: ", ")
        report(.good("libcurl", curl))
        report(descriptorLimit())
        let review = review()
        report(answer(review.configuration))
        examineStorage()
        if let configuration = review.configuration { examineProviders(configuration) }
    }

    // MARK: Process

    /// Descriptors: the daemon raises its limit to the hard one by itself.
    private func descriptorLimit() -> Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .doubtful("open files", String(cString: strerror(errno)), do: "look at ulimit -H -n")
        }
        let most = UInt64(limit.rlim_max)
        guard most < 4096 else { return .good("open files", "up to \(most)") }
        return .doubtful(
            "open files", "up to \(most), which is little for thousands of clients",
            do: "raise the hard limit: LimitNOFILE= of the unit, or ulimit -H -n")
    }

    // MARK: Configuration

    private func review() -> ConfigurationReview {
        let path = StandardPaths.configFile(flag: config, environment: environment) { access($0, F_OK) == 0 }
        let review = ConfigurationReview(path: path, environment: environment)
        let shown = path ?? "none, so the built-in one"
        // Keys have lines of their own.
        if let configuration = review.configuration, review.issues.isEmpty {
            report(.good("configuration", "\(shown); agents: \(configuration.agents.count)"))
        } else {
            let first = review.issues.first.map { "\($0)" } ?? shown
            let rest = review.issues.count > 1 ? ", and \(review.issues.count - 1) more" : ""
            let flag = config.map { " --config \($0)" } ?? ""
            report(.bad("configuration", first + rest, do: "agentd check\(flag) says everything that is wrong"))
        }
        return review
    }

    // MARK: Socket

    /// Asks the daemon that the configuration, or a client's own search, leads to.
    private func answer(_ configuration: Configuration?) -> Finding {
        let asked = StandardPaths.clientSocket(flag: socket, environment: environment) { access($0, F_OK) == 0 }
        let isAsked = socket != nil || environment["AGENTD_SOCKET"]?.isEmpty == false
        let path = isAsked ? asked : configuration?.socket.path ?? asked
        do throws(ClientFailure) {
            let started = ContinuousClock.now
            let hello = try SocketClient(path: path).ask(JSONObject(command: "hello"), until: started + Self.patience)
            let took = ShownTime.milliseconds(ContinuousClock.now - started)
            let server = hello.string("server") ?? "a daemon"
            if let error = hello.string("last_storage_error") {
                return .doubtful(
                    "socket", "\(path): \(server), \(took) ms; its storage failed: \(error)", do: "see below")
            }
            guard path == asked else {
                return .doubtful(
                    "socket", "\(path): \(server), \(took) ms, where clients do not look by themselves",
                    do: "set AGENTD_SOCKET=\(path) for them")
            }
            return .good("socket", "\(path): \(server) answers in \(took) ms")
        } catch {
            let advice =
                switch error.status {
                case ExitStatus.unreachable: "start it: agentd serve, or systemctl start agentd"
                case ExitStatus.permission: "join the socket's group, or see socket.mode and socket.group"
                default: "restart it; if this comes again, look at its log"
                }
            return .bad("socket", error.message, do: advice)
        }
    }
}
