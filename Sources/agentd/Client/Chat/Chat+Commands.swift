import AgentProtocol
import ArgumentParser

extension Chat {
    /// Sessions and messages that a chat shows at once.
    private static let shown = JSONValue.number(JSONNumber(20))

    private static let help = """
        /history        what was said, the last of it
        /sessions       the latest conversations
        /open N or ID   goes on with one of them
        /new [AGENT]    begins a new one
        /help           this
        /quit           leaves, as Ctrl-D does
        //text          a question that begins with a slash
        Enter           sends the question; Alt-Enter begins a new line
        Up, Down        bring earlier questions back
        Ctrl-C          stops an answer, or clears the line
        The arrows, Home, End and Ctrl-A E U K W Y edit.

        """

    /// Does what a line that begins with a slash says, for somebody at a terminal.
    func obey(_ line: String) throws {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        do {
            switch (words[0], words.dropFirst().first) {
            case ("/help", nil): Terminal.output.write(Self.help)
            case ("/quit", nil), ("/exit", nil): throw Leaving()
            case ("/history", nil): try showHistory()
            case ("/sessions", nil): try showSessions()
            case ("/open", let name?):
                subject.session = Int(name).flatMap { $0 > 0 && $0 <= listed.count ? listed[$0 - 1] : nil } ?? name
                subject.agent = nil
                try open()
            case ("/new", let agent):
                subject.session = nil
                subject.agent = agent ?? subject.agent
                note("a new conversation" + (agent.map { " with \($0)" } ?? ""))
            case (let word, _) where word.hasPrefix("//"): try ask(String(line.dropFirst()))
            default: note("\(words[0]) is not understood so; /help says what is")
            }
        } catch let failure as ClientFailure {
            note(failure.message)
        }
    }

    /// Begins to talk in the session that was named: says what it is about, and makes its questions ones that can be
    /// had again. A session that is not there yet is made by the first question.
    func open() throws {
        let reply: ClientFrame
        do {
            reply = try history()
        } catch let failure as ClientFailure where failure.status == ExitStatus.data {
            return note("a new conversation, \(subject.session ?? "")")
        }
        let record = reply["session"]?.object
        note("conversation \(subject.session ?? ""): \(record?["title"]?.string ?? "without a title")")
        for message in reply["messages"]?.array?.compactMap(\.object) ?? [] {
            if message["role"]?.string == "user", let question = message["content"]?.string { input.remember(question) }
        }
    }

    private func history() throws -> ClientFrame {
        try askDaemon(
            "history",
            [
                "session_id": subject.session.map(JSONValue.string), "user_id": subject.user.map(JSONValue.string),
                "limit": Self.shown,
            ])
    }

    private func showHistory() throws {
        guard subject.session != nil else { return note("nothing has been said yet") }
        let reply = try history()
        if reply.string("next_cursor") != nil { note("the last of it:") }
        var printer = MessagePrinter()
        for message in reply["messages"]?.array?.compactMap(\.object) ?? [] { printer.show(message) }
    }

    private func showSessions() throws {
        let reply = try askDaemon("list", ["user_id": subject.user.map(JSONValue.string), "limit": Self.shown])
        let records = reply["items"]?.array?.compactMap(\.object) ?? []
        listed = records.map { $0["session_id"]?.string ?? "" }
        guard !records.isEmpty else { return note("there are no conversations yet") }
        var table = Table(["", "UPDATED", "TITLE"])
        table.add(
            zip(1..., records).map { number, record in
                let title = record["title"]?.string ?? record["session_id"]?.string ?? ""
                return ["\(number)", ShownTime.text(record["updated_at"]?.int64), title]
            })
    }

    /// Asks the daemon something else than an agent's question.
    private func askDaemon(
        _ command: String, _ parameters: KeyValuePairs<String, JSONValue?>
    ) throws -> ClientFrame {
        try connected().ask(JSONObject(command: command, parameters))
    }
}
