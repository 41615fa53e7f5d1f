import AgentProtocol
import ArgumentParser
import Glibc

extension DemoCommand {
    /// What the demo's daemon is configured with. It is always there, so that no configuration of the user's or of the
    /// system's is read; a key is never in it.
    struct Configuration {
        /// `agentd.toml`.
        let main: String
        /// `agents.d/demo.toml`; nil leaves the built-in agent, which plays a script.
        let agent: String?

        /// The configuration for a model; for nil the one with nothing in it.
        init(_ model: Model?) {
            guard let model else {
                main = "version = 1\n"
                agent = nil
                return
            }
            main = "version = 1\n" + Self.provider(of: model)
            agent = """
                description = "Answers in the demo"
                model = \(Self.quoted("\(model.provider)/\(model.name)"))
                instructions = "\(Self.instructions)"
                # Less than the demo's own patience, so that a model that does not come ends in an error of the daemon's.
                limits = { time_s = 100 }

                """
        }

        /// Long enough to be stopped in the middle, short enough to be paid for.
        private static let instructions =
            "You play in a short demonstration of a program that streams your answers and stops some of them. "
            + "Answer everything in plain text of about 150 words, without lists or headings."

        /// The provider's table, where it needs one: the vendors' own servers are known.
        private static func provider(of model: Model) -> String {
            guard let base = model.baseURL else { return "" }
            var lines = [
                "[providers.\(model.provider)]", "kind = \(quoted(model.provider))", "base_url = \(quoted(base))",
            ]
            if let key = model.keyVariable {
                lines.append("key_env = \(quoted(key))")
            } else {
                // Without a key there is nothing that must not cross the network in the clear.
                lines.append("allow_http = true")
            }
            return lines.map { $0 + "\n" }.joined()
        }

        /// A text as TOML has it, which escapes it as JSON does.
        private static func quoted(_ text: String) -> String {
            var writer = JSONWriter()
            writer.string(text)
            return String(decoding: writer.bytes, as: UTF8.self)
        }

        /// Writes the files into a directory.
        ///
        /// - Returns: the path of the main one.
        func write(to directory: String) throws(ClientFailure) -> String {
            let path = "\(directory)/agentd.toml"
            try Self.write(main, to: path)
            if let agent {
                guard mkdir("\(directory)/agents.d", 0o700) == 0 else { throw Self.failure("\(directory)/agents.d") }
                try Self.write(agent, to: "\(directory)/agents.d/demo.toml")
            }
            return path
        }

        private static func write(_ text: String, to path: String) throws(ClientFailure) {
            guard let file = fopen(path, "wxe") else { throw failure(path) }
            let isWritten = fputs(text, file) >= 0
            guard fclose(file) == 0, isWritten else { throw failure(path) }
        }

        private static func failure(_ path: String) -> ClientFailure {
            ClientFailure("cannot write \(path): \(String(cString: strerror(errno)))", ExitStatus.inputOutput)
        }
    }
}
