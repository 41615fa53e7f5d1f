import AgentProtocol
import AgentTestKit
import Glibc

/// The built binary as a shell runs it: arguments and perhaps an input, and then an exit code and two outputs.
struct CommandLine {
    /// What a command left behind.
    struct Result {
        let code: Int32?
        let output: String
        let errors: String

        /// The lines of its output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// Its output as objects, one on each line.
        var objects: [JSONObject] { lines.compactMap { try? JSONReader.read($0).object } }
    }

    let home: DaemonHome

    /// Runs a command against the home's daemon. Its standard input is a pipe with that text, or empty; its output is what
    /// it leaves behind, or goes to that file.
    func run(
        _ arguments: [String], input: String? = nil, output place: String? = nil, environment: [String: String] = [:]
    ) throws(TestFailure) -> Result {
        let directory = try TemporaryDirectory()
        let (output, errors) = (place ?? directory.file("output"), directory.file("errors"))
        var words = [try DaemonProcess.binary()] + arguments
        var variables = ["AGENTD_SOCKET": home.socket, "HOME": home.directory.path, "TZ": "UTC"]
        variables.merge(environment) { $1 }
        if let input {
            variables["INPUT"] = input
            words = ["sh", "-c", #"printf %s "$INPUT" | "$@""#, "sh"] + words
        }
        let process = try ChildProcess(words, environment: variables, output: output, errors: errors)
        let ending = try process.wait(within: .seconds(60))
        var code: Int32?
        if case .exited(let number) = ending { code = number }
        return Result(
            code: code, output: place == nil ? TemporaryDirectory.read(output) : "",
            errors: TemporaryDirectory.read(errors))
    }
}
