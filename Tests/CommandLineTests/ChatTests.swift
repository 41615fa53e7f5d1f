import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("A chat", .ownThread)
struct ChatTests {
    private let home: DaemonHome
    private var daemon: DaemonProcess
    private let shell: CommandLine

    init() throws {
        home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = \"echo\"\n")
        try home.addAgent("echo", script: #"[[{"say":"You said: "},{"say_request":"last_user"},{"end":"stop"}]]"#)
        try home.addAgent("slow", script: #"[[{"say":"Wait"},{"wait_ms":60000},{"end":"stop"}]]"#)
        try home.addAgent("red", script: #"[[{"say":"a\u001b[31mb\u009bc"},{"end":"stop"}]]"#)
        daemon = try DaemonProcess(in: home)
        shell = CommandLine(home: home)
    }

    private func terminal(_ arguments: [String], environment: [String: String] = [:]) throws -> PseudoTerminal {
        var variables = ["AGENTD_SOCKET": home.socket, "HOME": home.directory.path]
        variables.merge(environment) { $1 }
        return try PseudoTerminal(arguments, environment: variables)
    }

    /// Waits for a connection, or for what comes over one: a test that waits for nothing else ends.
    private func waitForInput(_ socket: UnixSocket) throws {
        var waiting = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&waiting, 1, 20_000) == 1)
    }

    private func messages(of session: String) throws -> [JSONObject] {
        try shell.run(["history", session, "--json"]).objects
    }

    @Test("answers question after question in one conversation, with what was edited on the way")
    func conversation() throws {
        let terminal = try terminal(["chat", "--session", "s1"])
        try terminal.expect("> ")
        // A wide character is typed, the cursor goes before it, and the word before is exchanged.
        terminal.type("good 日本\u{1B}[D\u{1B}[D\u{17}big \u{05}!\r")
        try terminal.expect("You said: big 日本!")
        terminal.type("\u{1B}[200~two\nlines\u{1B}[201~\r")
        try terminal.expect("You said: two\r\nlines")
        terminal.type("\u{1B}[A\u{1B}[A\r")
        try terminal.expect("You said: big 日本!")
        terminal.type("\u{04}")
        try terminal.expect("agentd chat --session s1")
        #expect(try terminal.exitCode() == 0)
        let said = try messages(of: "s1").filter { $0["role"]?.string == "user" }.map { $0["content"]?.string }
        #expect(said == ["big 日本!", "two\nlines", "big 日本!"])
    }

    @Test("stops an answer at Ctrl-C, keeps the conversation, and leaves at the second")
    func interrupt() throws {
        let terminal = try terminal(["chat", "--session", "s1", "--agent", "slow"])
        try terminal.expect("> ")
        terminal.type("one\r")
        try terminal.expect("Wait")
        terminal.type("\u{03}")
        try terminal.expect("User halted response")
        try terminal.expect("> ")
        terminal.type("two\r")
        try terminal.expect("Wait")
        terminal.type("\u{03}")
        try terminal.expect("interrupted: stop")
        try terminal.expect("> ")
        terminal.type("\u{03}")
        try terminal.expect("once more")
        terminal.type("\u{03}")
        #expect(try terminal.exitCode() == 0)
        #expect(terminal.shown.hasSuffix("\u{1B}[?2004l"), "the terminal is given back")
        #expect(try messages(of: "s1").map { $0["interrupted"]?.bool } == [false, true, false, true])
    }

    @Test("stops an answer at Ctrl-C whatever has been typed meanwhile, and drops that")
    func interruptAfterTyping() throws {
        let terminal = try terminal(["chat", "--agent", "slow"])
        try terminal.expect("> ")
        terminal.type("one\r")
        try terminal.expect("Wait")
        terminal.type("tw\u{03}")
        try terminal.expect("interrupted: stop")
        try terminal.expect("> ")
        terminal.type("two\rthree\u{03}")
        try terminal.expect("interrupted: stop")
        try terminal.expect("> ")
        // Ctrl-D leaves an empty line only.
        terminal.type("\u{04}")
        #expect(try terminal.exitCode() == 0)
    }

    @Test("stops an answer at a signal from elsewhere")
    func signal() throws {
        let terminal = try terminal(["chat", "--session", "s1", "--agent", "slow"])
        try terminal.expect("> ")
        terminal.type("one\r")
        try terminal.expect("Wait")
        terminal.interrupt()
        try terminal.expect("interrupted: stop")
        try terminal.expect("> ")
    }

    @Test("outlives its daemon: says so, and shows how the answer ended")
    mutating func restart() throws {
        let terminal = try terminal(["chat", "--session", "s1"])
        try terminal.expect("> ")
        terminal.type("one\r")
        try terminal.expect("You said: one")
        try terminal.expect("> ")
        // At the prompt, with half a question typed.
        terminal.type("tw")
        try daemon.crash()
        try terminal.expect("the daemon has gone")
        daemon = try DaemonProcess(in: home)
        try terminal.expect("the daemon is back")
        terminal.type("o\r")
        try terminal.expect("You said: two")

        // In the middle of an answer.
        terminal.type("/new slow\rthree\r")
        try terminal.expect("Wait")
        try daemon.crash()
        try terminal.expect("the daemon has gone")
        daemon = try DaemonProcess(in: home)
        try terminal.expect("the daemon is back\r\n\r\n[error: daemon_restart]")
        try terminal.expect("> ")
        #expect(terminal.shown.split(separator: "Wait", omittingEmptySubsequences: false).count == 2, "told once")
        terminal.type("/quit\r")
        #expect(try terminal.exitCode() == 0)
    }

    @Test("gives up waiting for a daemon at Ctrl-C, and asks again when told to")
    mutating func givingUp() throws {
        let terminal = try terminal(["chat", "--session", "s1"])
        try terminal.expect("> ")
        try daemon.crash()
        try terminal.expect("the daemon has gone")
        terminal.type("one\r")
        try terminal.expect("waiting for the daemon; Ctrl-C gives up")
        terminal.type("\u{03}")
        try terminal.expect("given up")
        try terminal.expect("> ")
        daemon = try DaemonProcess(in: home)
        try terminal.expect("the daemon is back")
        terminal.type("\u{1B}[A\r")
        try terminal.expect("You said: one")
        terminal.type("\u{04}")
        #expect(try terminal.exitCode() == 0)
    }

    @Test("reads on by itself where the daemon has ended a stream that nobody read")
    func slowReader() throws {
        let place = home.directory.file("elsewhere")
        let listener = UnixSocket(SOCK_STREAM)
        try #require(listener.bind(place) && listener.listen())
        let terminal = try terminal(["chat"], environment: ["AGENTD_SOCKET": place])
        try waitForInput(listener)
        let daemon = try #require(UnixSocket.accept(listener.descriptor))
        try terminal.expect("> ")
        terminal.type("hi\r")
        let question = daemon.receive()
        let run = try #require(try JSONReader.read(question.filter { $0 != "\n" }).object?["run_id"]?.string)
        daemon.send(
            #"{"ok":true,"cmd":"run","run_id":"\#(run)","session_id":"s1","status":"running"}"# + "\n"
                + #"{"event":"run_content","run_id":"\#(run)","seq":2,"message_id":"m","content":"Hel"}"# + "\n"
                + #"{"event":"stream_detached","run_id":"\#(run)","after":2,"reason":"slow_reader"}"# + "\n")
        try waitForInput(daemon)
        #expect(daemon.receive() == #"{"cmd":"attach","run_id":"\#(run)","after":2}"# + "\n")
        daemon.send(
            #"{"ok":true,"cmd":"attach","run_id":"\#(run)","session_id":"s1","status":"completed"}"# + "\n"
                + #"{"event":"run_content","run_id":"\#(run)","seq":3,"message_id":"m","content":"lo"}"# + "\n"
                + #"{"event":"run_completed","run_id":"\#(run)","seq":4,"content":"Hello"}"# + "\n")
        try terminal.expect("Hello")
        try terminal.expect("> ")
        terminal.type("\u{04}")
        #expect(try terminal.exitCode() == 0)
    }

    @Test("says that there is nothing where there is nothing")
    func nothing() throws {
        let terminal = try terminal(["chat"])
        try terminal.expect("> ")
        terminal.type("/sessions\r")
        try terminal.expect("there are no conversations yet")
        let list = try self.terminal(["list"])
        try list.expect("agentd: no sessions")
        #expect(try list.exitCode() == 0)
        #expect(try shell.run(["list"]).errors == "")
    }

    @Test("leaves out of a table on a terminal the columns in which nothing stands")
    func emptyColumns() throws {
        _ = try shell.run(["run", "--session", "s1", "hello"])
        let table = try terminal(["list"])
        try table.expect("SESSION  UPDATED           AGENT  TITLE")
        _ = try shell.run(["run", "--session", "s2", "--user", "ada", "hello"])
        let pages = try terminal(["list", "--limit", "1", "--all"])
        try pages.expect("USER  TITLE")
        #expect(try pages.exitCode() == 0)
        #expect(pages.shown.split(separator: "SESSION", omittingEmptySubsequences: false).count == 2, "titles once")
        _ = try shell.run(["run", "--session", "s3", "hello"])
        let more = try terminal(["list", "--limit", "1", "--all"])
        try more.expect("AGENT  TITLE")
        try more.expect("USER  TITLE")
    }

    @Test("asks again under the same name when nobody knows whether the question arrived")
    func lostReply() throws {
        let place = home.directory.file("elsewhere")
        let listener = UnixSocket(SOCK_STREAM)
        try #require(listener.bind(place) && listener.listen())
        func accept() throws -> UnixSocket {
            try waitForInput(listener)
            return try #require(UnixSocket.accept(listener.descriptor))
        }
        let terminal = try terminal(["chat"], environment: ["AGENTD_SOCKET": place])
        let first = try accept()
        try terminal.expect("> ")
        terminal.type("hi\r")
        let question = first.receive()
        first.close()
        // Whoever hangs up again without an answer is not back.
        try accept().close()
        let second = try accept()
        #expect(second.receive().contains("ping"))
        #expect(!terminal.shown.contains("is back"))
        second.send(#"{"ok":true,"cmd":"ping","ts":1}"# + "\n")
        #expect(second.receive() == question)
        let run = try #require(try JSONReader.read(question.filter { $0 != "\n" }).object?["run_id"]?.string)
        second.send(
            #"{"ok":true,"cmd":"run","run_id":"\#(run)","session_id":"s1","status":"running","existing":true}"# + "\n"
                + #"{"event":"run_content","run_id":"\#(run)","seq":2,"message_id":"m","content":"Hello"}"# + "\n"
                + #"{"event":"run_completed","run_id":"\#(run)","seq":3,"content":"Hello"}"# + "\n")
        try terminal.expect("Hello")
        try terminal.expect("> ")
        terminal.type("\u{04}")
        #expect(try terminal.exitCode() == 0)
    }

    @Test("knows its commands, and says what it does not know")
    func commands() throws {
        _ = try shell.run(["run", "--session", "old", "hello"])
        let terminal = try terminal(["chat"])
        try terminal.expect("> ")
        terminal.type("/history\r")
        try terminal.expect("nothing has been said")
        terminal.type("/sessions\r")
        try terminal.expect("hello")
        for number in ["-9223372036854775808", "0", "2"] {
            terminal.type("/open \(number)\r")
            try terminal.expect("a new conversation, \(number)")
        }
        terminal.type("/open 1\r")
        try terminal.expect("conversation old: hello")
        terminal.type("/history\r")
        try terminal.expect("You said: hello")
        terminal.type("/nonsense\r")
        try terminal.expect("/nonsense is not understood")
        terminal.type("//slash\r")
        try terminal.expect("You said: /slash")
        terminal.type("/new\r")
        try terminal.expect("a new conversation")
        terminal.type("/help\r")
        try terminal.expect("/quit")
        terminal.type("/quit\r")
        #expect(try terminal.exitCode() == 0)
        #expect(try messages(of: "old").count == 4)
    }

    @Test("asks line by line in a pipe, and says in its exit code whether all went well")
    func pipe() throws {
        let two = try shell.run(["chat", "--session", "s1"], input: "one\n\ntwo")
        #expect(two.code == 0)
        #expect(two.output == "You said: one\nYou said: two\n")
        #expect(two.errors == "")
        #expect(try messages(of: "s1").count == 4)
        let bad = try shell.run(["chat", "--agent", "nobody"], input: "one\n")
        #expect(bad.code == 1)
        #expect(bad.errors.contains("nobody"))
        #expect(try shell.run(["chat"], input: "/quit\n//two\n").output == "You said: /quit\nYou said: //two\n")
    }

    @Test("says in its exit code that a pipe was cut off")
    func pipeCutOff() throws {
        try home.directory.write("questions", "one\ntwo\n")
        let output = home.directory.file("output")
        let chat = try ChildProcess(
            ["sh", "-c", #"exec "$@" <"$QUESTIONS""#, "sh", DaemonProcess.binary(), "chat", "--agent", "slow"],
            environment: ["AGENTD_SOCKET": home.socket, "QUESTIONS": home.directory.file("questions")],
            output: output, errors: home.directory.file("errors"))
        while TemporaryDirectory.read(output) != "Wait" {
            try #require(!chat.hasEnded(by: Deadline(in: .milliseconds(5))))
        }
        chat.signal(SIGTERM)
        #expect(try chat.wait() == .exited(1))
    }

    @Test("hands no control character of a model's to a terminal", arguments: [["run", "--agent", "red", "hi"], []])
    func controlCharacters(arguments: [String]) throws {
        let terminal = try terminal(arguments.isEmpty ? ["chat", "--agent", "red"] : arguments)
        if arguments.isEmpty {
            try terminal.expect("> ")
            terminal.type("x\r")
        }
        try terminal.expect("a^[[31mbM-^[c")
        #expect(!terminal.shown.contains("\u{1B}[31m"))
        #expect(!terminal.shown.unicodeScalars.contains("\u{9B}"))
    }

    @Test("hands none to a terminal in JSON either")
    func controlCharactersInJSON() throws {
        let terminal = try terminal(["run", "--json", "--agent", "red", "hi"])
        try terminal.expect(#"a\u001b[31mb\u009bc"#)
        #expect(try terminal.exitCode() == 0)
        #expect(!terminal.shown.unicodeScalars.contains("\u{9B}"))
        #expect(try shell.run(["run", "--json", "--agent", "red", "hi"]).output.contains("b\u{9B}c"))
    }

    @Test("uses no colours where they are not wanted", arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
    func colours(environment: [String: String]) throws {
        _ = try shell.run(["run", "--session", "s1", "hello"])
        let plain = try terminal(["list"], environment: environment)
        try plain.expect("hello")
        #expect(try plain.exitCode() == 0)
        #expect(!plain.shown.contains("\u{1B}"))
        let coloured = try terminal(["list"])
        try coloured.expect("\u{1B}[1mSESSION")
    }

    @Test("works at a terminal that can do nothing but lines")
    func dumbTerminal() throws {
        let terminal = try terminal(["chat"], environment: ["TERM": "dumb"])
        try terminal.expect("> ")
        terminal.type("one\n")
        try terminal.expect("You said: one")
        terminal.type("\u{04}")
        #expect(try terminal.exitCode() == 0)
        #expect(!terminal.shown.contains("\u{1B}"))
    }

    @Test("asks before everything of a user goes")
    func confirmation() throws {
        _ = try shell.run(["run", "--user", "ada", "--session", "s1", "hello"])
        let refused = try terminal(["delete", "--user", "ada"])
        try refused.expect("[y/N]")
        refused.type("\n")
        #expect(try refused.exitCode() == 1)
        #expect(try messages(of: "s1").count == 2)
        let agreed = try terminal(["delete", "--user", "ada"])
        try agreed.expect("[y/N]")
        agreed.type("y\n")
        try agreed.expect("deleted 1 session, 1 run, 2 messages")
    }
}
