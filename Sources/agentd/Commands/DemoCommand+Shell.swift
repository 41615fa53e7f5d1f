import AgentProtocol
import AgentSystem
import ArgumentParser
import Glibc

extension DemoCommand.Performance {
    /// Plays a run as a person types it at a shell, and checks what came out of the pipe.
    func playShell() throws(ClientFailure) {
        for program in ["socat", "jq"] where !Self.isInstalled(program) {
            throw stage.failure("\(program) is not installed (make demo installs it)")
        }
        let line = #"echo '{"cmd":"run","input":"Hello from the shell"}' | socat - UNIX-CONNECT:$SOCK | jq -c ."#
        stage.typed(line)
        let frames = try output(
            of: line, environment: DemoCommand.environment(["SOCK=\(socket)"]), until: .now + patience)

        for frame in frames.prefix(4) { stage.received(frame.line) }
        if frames.count > 5 { stage.write("   … \(frames.count - 5) lines more …\n") }
        if let last = frames.dropFirst(4).last { stage.received(last.line) }

        if let last = frames.last, last.kind == .runError { throw stage.failure(ofRun: last) }
        var answer = AnswerText()
        for frame in frames where frame.kind == .runContent { _ = answer.add(frame) }
        try stage.claim("the first line is the reply", frames.first?.ok == true)
        try stage.claim(
            "the last line is the only terminal event",
            frames.last?.kind == .runCompleted && frames.filter { $0.kind?.isTerminal == true }.count == 1)
        try stage.claim(
            "run_completed holds the text of the deltas", frames.last?.string("content") == answer.text)
        try stage.claim(
            "the input arrived as it was typed", try hasArrived("Hello from the shell", answer.text, frames.first))
    }

    /// Whether an input is where it belongs: in what the script says of its request, or else in the history.
    private func hasArrived(_ input: String, _ answer: String, _ reply: ClientFrame?) throws(ClientFailure) -> Bool {
        guard model != nil else { return answer.contains("\"\(input)\"") }
        guard let session = reply?.string("session_id") else { return false }
        return try history(of: session).first?["content"]?.string == input
    }

    /// Runs a line of shell and reads what it prints as frames.
    private func output(
        of line: String, environment: [String], until deadline: ContinuousClock.Instant
    ) throws(ClientFailure) -> [ClientFrame] {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw stage.failure("pipe: no descriptors left") }
        defer { close(ends[0]) }
        let shell: ChildProcess
        do {
            defer { close(ends[1]) }
            shell = try ChildProcess(
                path: "/bin/sh", arguments: ["sh", "-c", line], environment: environment, output: ends[1])
        }
        do {
            let frames = try readFrames(from: ends[0], until: deadline)
            shell.end()
            return frames
        } catch {
            shell.end()
            throw error
        }
    }

    private func readFrames(
        from descriptor: Int32, until deadline: ContinuousClock.Instant
    ) throws(ClientFailure) -> [ClientFrame] {
        var reader = LineReader(descriptor: descriptor)
        var frames: [ClientFrame] = []
        while true {
            switch try reader.next(until: deadline, signals: signals) {
            case .line(let line):
                guard let frame = try? ClientFrame(line) else {
                    throw stage.failure(String(decoding: line, as: UTF8.self))
                }
                frames.append(frame)
            case .end: return frames
            case .signal: throw ClientFailure("interrupted", ExitStatus.failed)
            case .deadline, .other: throw stage.failure("the pipe did not end in time")
            }
        }
    }

    private static func isInstalled(_ program: String) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }
}
