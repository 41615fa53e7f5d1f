import AgentProtocol
import AgentTestKit
import Testing

@Suite("A shell that talks to a daemon", .ownThread)
struct ClientCommandTests {
    private let home: DaemonHome
    private let daemon: DaemonProcess
    private let shell: CommandLine

    init() throws {
        home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = \"hello\"\n")
        try home.addAgent("hello", script: #"[[{"say":"Hello there."},{"end":"stop"}]]"#)
        try home.addAgent("fail", script: #"[[{"say":"Half"},{"fail":{"http":529}}]]"#)
        try home.addAgent("slow", script: #"[[{"say":"Wait"},{"wait_ms":60000},{"end":"stop"}]]"#)
        try home.addAgent("red", script: #"[[{"say":"a\u001b[31mb\u009bc\td\n"},{"end":"stop"}]]"#)
        daemon = try DaemonProcess(in: home)
        shell = CommandLine(home: home)
    }

    /// Starts a run that goes on by itself; returns when it is live.
    private func startSlowRun(_ run: String, session: String) throws {
        _ = try daemon.connect().ask(
            #"{"cmd":"run","agent":"slow","input":"x","run_id":"\#(run)","session_id":"\#(session)","stream":"none"}"#)
    }

    @Test("gets the answer alone on standard output, and with --json every frame")
    func run() throws {
        let plain = try shell.run(["run", "--session", "s1", "hi"])
        #expect(plain.code == 0)
        #expect(plain.output == "Hello there.\n")
        #expect(plain.errors == "")

        let frames = try shell.run(["run", "--json", "--session", "s1", "hi"]).objects
        #expect(frames.first?["ok"]?.bool == true)
        #expect(frames.last?["event"]?.string == "run_completed")
    }

    @Test("may give the question on standard input")
    func questionFromStandardInput() throws {
        #expect(try shell.run(["run", "--session", "s1", "-"], input: "from a pipe\n").code == 0)
        let history = try shell.run(["history", "s1", "--json"])
        #expect(history.objects.first?["content"]?.string == "from a pipe")
    }

    @Test("is told in its exit code and on standard error that a run failed")
    func failedRun() throws {
        let result = try shell.run(["run", "--agent", "fail", "hi"])
        #expect(result.code == 1)
        #expect(result.output == "Half\n\n[error: model_overloaded]\n")
        #expect(result.errors.hasPrefix("agentd: failed: model_overloaded"))
    }

    @Test("watches a finished run from its beginning, from anywhere, and from its end")
    func attach() throws {
        let run = try #require(try shell.run(["run", "--json", "hi"]).objects.first?["run_id"]?.string)
        #expect(try shell.run(["attach", run]).output == "Hello there.\n")
        let frames = try shell.run(["attach", "--json", "--after", "1", run])
        #expect(frames.code == 0)
        #expect(frames.objects.dropFirst().first?["event"]?.string == "run_content")
        let tail = try shell.run(["attach", "--after", "tail", run])
        #expect(tail.code == 0)
        #expect(tail.output == "")
        #expect(try shell.run(["attach", "nobody"]).code == 65)
    }

    @Test("watches a live run until somebody stops it")
    func stopEndsAttach() throws {
        try startSlowRun("r1", session: "s1")
        let stopped = try shell.run(["stop", "r1", "--reason", "enough"])
        #expect(stopped.code == 0)
        #expect(stopped.output == "r1\tstopping\n")
        let watched = try shell.run(["attach", "r1"])
        #expect(watched.code == 1)
        #expect(watched.output == "Wait\n\nUser halted response\n")
        #expect(watched.errors == "agentd: interrupted: stop\n")
        #expect(try shell.run(["stop", "r1"]).output == "r1\tinterrupted\n")
    }

    @Test("stops a session with all that waits in it")
    func stopAll() throws {
        try startSlowRun("r1", session: "s1")
        _ = try daemon.connect().ask(
            #"{"cmd":"run","input":"x","run_id":"r2","session_id":"s1","stream":"none","on_busy":"queue"}"#)
        let result = try shell.run(["stop", "--session", "s1", "--all", "--json"])
        #expect(result.objects.first?["run_ids"]?.array?.compactMap(\.string) == ["r1", "r2"])
    }

    @Test("lists what there is as fields between tabs, or as one record on each line")
    func list() throws {
        for session in ["s1", "s2", "s3"] { _ = try shell.run(["run", "--session", session, "--user", "ada", "hi"]) }
        let plain = try shell.run(["list"])
        #expect(plain.code == 0)
        let rows = plain.lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        #expect(rows.map(\.first) == ["s3", "s2", "s1"])
        #expect(rows.allSatisfy { $0.count == 6 && $0[1].hasSuffix("Z") && $0[5] == "hi" })
        #expect(try shell.run(["list", "--json"]).objects.map { $0["session_id"]?.string } == ["s3", "s2", "s1"])
        #expect(try shell.run(["list", "--user", "bob"]).output == "")

        let runs = try shell.run(["list", "runs", "--session", "s2", "--status", "completed"])
        #expect(runs.lines.count == 1)
        let agents = try shell.run(["list", "agents"])
        #expect(agents.lines.map { $0.split(separator: "\t")[0] } == ["fail", "hello", "red", "slow"])
    }

    @Test("gets a page and the way to the next, or all pages")
    func pages() throws {
        for session in ["s1", "s2", "s3"] { _ = try shell.run(["run", "--session", session, "hi"]) }
        let first = try shell.run(["list", "--limit", "2"])
        #expect(first.lines.count == 2)
        let words = first.errors.split(separator: " ").map(String.init)
        let cursor = try #require(words.firstIndex(of: "--cursor").map { words[$0 + 1].filter { $0 != "," } })
        #expect(try shell.run(["list", "--limit", "2", "--cursor", cursor]).lines.count == 1)
        let all = try shell.run(["list", "--limit", "1", "--all"])
        #expect(all.lines.count == 3)
        #expect(all.errors == "")
    }

    @Test("reads a conversation in order, also page by page")
    func history() throws {
        for _ in 0..<2 { _ = try shell.run(["run", "--session", "s1", "hi"]) }
        let plain = try shell.run(["history", "s1"])
        #expect(plain.code == 0)
        let said = plain.lines.filter { !$0.hasPrefix("user  ") && !$0.hasPrefix("assistant  ") }
        #expect(said == ["hi", "Hello there.", "hi", "Hello there."])
        let all = try shell.run(["history", "s1", "--json", "--all", "--limit", "1"])
        #expect(all.objects.map { $0["role"]?.string } == ["user", "assistant", "user", "assistant"])
        #expect(try shell.run(["history", "nobody"]).code == 65)
    }

    @Test("gives a session a title, and puts it away and back")
    func update() throws {
        _ = try shell.run(["run", "--session", "s1", "hi"])
        let titled = try shell.run(["update", "s1", "--title", "Greetings"])
        #expect(titled.code == 0)
        #expect(titled.output.hasPrefix("s1\t") && titled.output.hasSuffix("\tGreetings\n"))
        let archived = try shell.run(["update", "s1", "--archive", "--json"])
        #expect(archived.objects.first?["is_active"]?.bool == false)
        #expect(try shell.run(["list"]).output == "")
        #expect(try shell.run(["list", "--archived"]).lines.count == 1)
        #expect(try shell.run(["update", "s1", "--restore"]).code == 0)
        #expect(try shell.run(["list"]).lines.count == 1)
        #expect(try shell.run(["update", "nobody", "--restore"]).code == 65)
    }

    @Test("deletes a session, and everything of a user only when it says yes")
    func delete() throws {
        for session in ["s1", "s2"] { _ = try shell.run(["run", "--session", session, "--user", "ada", "hi"]) }
        let one = try shell.run(["delete", "s1", "--json"])
        #expect(one.objects.first?["messages"]?.int64 == 2)
        #expect(try shell.run(["delete", "--user", "ada"]).code == 64)
        let rest = try shell.run(["delete", "--user", "ada", "--yes"])
        #expect(rest.output == "deleted 1 session, 1 run, 2 messages\n")
        try startSlowRun("r1", session: "s3")
        let refused = try shell.run(["delete", "s3"])
        #expect(refused.code == 75)
        #expect(refused.errors.contains("agentd stop r1"), "and how it is ended")
    }

    @Test(
        "is told when what it was to write down has nowhere to go", arguments: [["list"], ["run", "hi"], ["version"]])
    func fullDisk(arguments: [String]) throws {
        _ = try shell.run(["run", "hi"])
        let result = try shell.run(arguments, output: "/dev/full")
        #expect(result.code == 74)
        #expect(result.errors == "agentd: cannot write the output: No space left on device\n")
    }

    @Test("asks how the daemon is, and where")
    func ping() throws {
        #expect(try shell.run(["ping"]).output.hasPrefix("\(home.socket) answers in "))
        #expect(try shell.run(["ping", "--verbose"]).output.contains("live runs           0\n"))
        let hello = try shell.run(["ping", "--verbose", "--json"])
        #expect(hello.objects.first?["live_runs"]?.int64 == 0)
        #expect(try shell.run(["socket"]).output == home.socket + "\n")
    }

    @Test("gets what a model says byte by byte in a pipe, and never raw in a table")
    func controlCharacters() throws {
        let answer = try shell.run(["run", "--agent", "red", "--session", "s1", "a\u{1B}b"])
        #expect(answer.output == "a\u{1B}[31mb\u{9B}c\td\n")
        _ = try daemon.connect().ask(#"{"cmd":"run","agent":"red","input":"x","session_id":"s2","stream":"none"}"#)
        #expect(try !shell.run(["list"]).output.contains("\u{1B}"))
    }
}
