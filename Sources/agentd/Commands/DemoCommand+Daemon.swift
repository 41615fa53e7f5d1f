import AgentSystem
import ArgumentParser
import Glibc

extension DemoCommand {
    /// A daemon of the demo's own, which keeps everything in the directory it is given.
    struct Daemon: ~Copyable {
        /// Where it listens.
        let socket: String
        private let log: String
        private let process: ChildProcess

        /// Starts it. Of the caller's settings it sees the model's key and nothing else.
        init(directory: String, model: Model?) throws(ClientFailure) {
            socket = "\(directory)/agentd.sock"
            log = "\(directory)/agentd.log"
            let configuration = try Configuration(model).write(to: directory)
            let output = creat(log, 0o600)
            guard output >= 0 else { throw ClientFailure("cannot write to \(directory)", ExitStatus.inputOutput) }
            defer { close(output) }
            process = try ChildProcess(
                path: "/proc/self/exe",
                arguments: [
                    "agentd", "serve", "--config", configuration, "--socket", socket, "--state-dir",
                    "\(directory)/state",
                ],
                environment: DemoCommand.environment(model?.keySetting ?? []), output: output)
        }

        /// Waits until it takes a connection.
        ///
        /// - Throws: `ClientFailure` with what it said when it does not.
        func waitUntilOpen(signals: SignalDescriptor) throws(ClientFailure) {
            let deadline = ContinuousClock.now + .seconds(10)
            while (try? SocketClient(path: socket)) == nil {
                if let code = process.exitCode() {
                    let isSetting = code == ExitStatus.configuration.rawValue
                    throw failure(
                        "the daemon ended with exit code \(code)",
                        isSetting ? ExitStatus.configuration : ExitStatus.broken)
                }
                if ContinuousClock.now >= deadline { throw failure("the daemon did not listen within 10 s") }
                if signals.next() != nil { throw ClientFailure("interrupted", ExitStatus.failed) }
                poll(nil, 0, 10)
            }
        }

        private func failure(_ text: String, _ status: ExitCode = ExitStatus.broken) -> ClientFailure {
            var bytes: [UInt8] = []
            if let file = fopen(log, "r") {
                bytes = [UInt8](unsafeUninitializedCapacity: 16_384) { $1 = fread($0.baseAddress, 1, $0.count, file) }
                fclose(file)
            }
            return ClientFailure("\(text); it said:\n\(String(decoding: bytes, as: UTF8.self))", status)
        }

        /// Ends it.
        consuming func end() { process.end() }
    }

    /// The environment of the demo's children: where programs are, and what is given; no setting of the caller's.
    static func environment(_ given: [String]) -> [String] {
        let names = ["PATH", "LANG", "LD_LIBRARY_PATH"]
        return names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } } + given
    }
}
