import AgentProtocol
import AgentTestKit

/// Conversations of several users, some to be deleted, some to stay, mixed in every page of the file.
///
/// Whatever a conversation to be deleted has of its own carries a mark, again and again, so that no piece of it is
/// without one.
struct Conversations {
    /// What stands in everything that is to be deleted.
    static let mark = "Gone"
    private static let stay = "Kept"

    private struct Conversation {
        let name: String
        let user: String
        let isMarked: Bool
        var runs: [String] = []
    }

    private var random: SeededRandom
    private var conversations: [Conversation] = []
    private var runsMade = 0

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// The agents: one of each kind for those that go and for those that stay, because scripts and names are the agent's.
    static func install(in home: DaemonHome) throws(TestFailure) {
        try home.configure("version = 1\ndefault_agent = \"Kept-thinker\"\n")
        for word in [mark, stay] {
            let many = String(repeating: "\(word) ", count: 40)
            try home.addAgent(
                "\(word)-thinker",
                script: """
                    [[{"think": "\(many)", "chunk": 7}, {"say": "\(word): "}, {"say_request": "last_user", "chunk": 5},
                      {"usage": {"input_tokens": 9, "output_tokens": 33}}, {"end": "stop"}]]
                    """)
            try home.addAgent(
                "\(word)-caller",
                script: """
                    [[{"say": "\(many)", "chunk": 4}, {"call": "\(word)_tool", "args": {"\(word)": ["\(many)"]},
                       "id": "\(word)-call"}, {"end": "tool_calls"}],
                     [{"say_request": "last_user", "chunk": 90}, {"say": "\(many)"}, {"end": "stop"}]]
                    """)
            try home.addAgent(
                "\(word)-failer",
                script: #"[[{"say_request": "last_user", "chunk": 3}, {"fail": {"http": 529}}]]"#)
            try home.addAgent(
                "\(word)-waiter",
                script: #"[[{"say": "\#(many)", "chunk": 3}, {"wait_ms": 60000}, {"say": "late"}, {"end": "stop"}]]"#)
        }
    }

    // MARK: Talking

    /// Fills the ledger.
    mutating func hold(with daemon: DaemonProcess) throws(TestFailure) {
        let client = try daemon.connect()
        for number in 0..<60 {
            let isMarked = number % 2 == 0
            let word = isMarked ? Self.mark : Self.stay
            // The random part comes first: names are then nowhere in the order in which they came.
            let name = "\(random.below(1 << 20))-\(word)-s\(number)"
            conversations.append(Conversation(name: name, user: "\(word)-u\(number % 10)", isMarked: isMarked))
        }
        for _ in 0..<3 {
            for index in conversations.indices.shuffled(using: &random) { try talk(in: index, client) }
        }
        for index in conversations.indices.shuffled(using: &random) { try change(index, client) }
        for index in conversations.indices.shuffled(using: &random) where random.chance(50) {
            try talk(in: index, client)
        }
    }

    private mutating func talk(in index: Int, _ client: SocketClient) throws(TestFailure) {
        let conversation = conversations[index]
        let word = conversation.isMarked ? Self.mark : Self.stay
        runsMade += 1
        let run = "\(random.below(1 << 20))-\(word)-r\(runsMade)"
        conversations[index].runs.append(run)
        let agent = "\(word)-" + ["thinker", "caller", "failer", "waiter"][index / 2 % 4]
        let sizes = [3, 30, 200, 500, 900, 1500]
        let input = text(word, times: sizes[random.below(sizes.count)])
        client.send(
            """
            {"cmd":"run","run_id":"\(run)","session_id":"\(conversation.name)","user_id":"\(conversation.user)",\
            "agent":"\(agent)","input":"\(input)","metadata":{"\(word)":"\(text(word, times: 9))"}}
            """)
        if agent.hasSuffix("waiter") {
            _ = try client.frame { $0["run_id"]?.string == run && $0["event"]?.string == "run_content" }
            client.send(#"{"cmd":"stop","run_id":"\#(run)","reason":"\#(text(word, times: 20))"}"#)
        }
        _ = try client.frame { frame in
            guard frame["run_id"]?.string == run, let event = frame["event"]?.string else {
                return frame["ok"]?.bool == false
            }
            return ["run_completed", "run_cancelled", "run_error"].contains(event)
        }
    }

    /// Gives a conversation a title, a summary and metadata, small ones first and then large ones.
    private mutating func change(_ index: Int, _ client: SocketClient) throws(TestFailure) {
        let conversation = conversations[index]
        let word = conversation.isMarked ? Self.mark : Self.stay
        for times in [2, 60, 100 + random.below(900)] {
            let reply = try client.ask(
                """
                {"cmd":"update","session_id":"\(conversation.name)","title":"\(text(word, times: min(times, 60)))",\
                "summary":"\(text(word, times: times))","metadata":{"\(word)":"\(text(word, times: times))"}}
                """)
            guard reply["ok"]?.bool == true else { throw TestFailure("update: \(reply)") }
        }
    }

    private mutating func text(_ word: String, times: Int) -> String {
        String(repeating: "\(word)\(random.below(10)) ", count: times)
    }

    /// Goes on in what stays, so that old pages are written again.
    mutating func goOn(_ daemon: DaemonProcess) throws(TestFailure) {
        let client = try daemon.connect()
        for number in 0..<40 {
            let word = Self.stay
            conversations.append(
                Conversation(name: "\(random.below(1 << 20))-later-\(number)", user: "\(word)-later", isMarked: false))
            try talk(in: conversations.count - 1, client)
            try change(conversations.count - 1, client)
        }
    }

    // MARK: Looking

    /// What a client sees of the conversations that were there before anything was deleted and are to stay.
    func kept(_ daemon: DaemonProcess) throws(TestFailure) -> [String: [JSONValue]] {
        let client = try daemon.connect()
        var seen: [String: [JSONValue]] = [:]
        for conversation in conversations where !conversation.isMarked && conversation.user != "\(Self.stay)-later" {
            for line in try histories(of: conversation, client) { seen[conversation.name, default: []].append(line) }
            for run in conversation.runs {
                client.send(#"{"cmd":"attach","run_id":"\#(run)"}"#)
                while true {
                    let frame = try client.frame()
                    guard frame["ok"]?.bool != false else { throw TestFailure("attach: \(frame)") }
                    seen[conversation.name, default: []].append(.object(frame))
                    if ["run_completed", "run_cancelled", "run_error"].contains(frame["event"]?.string ?? "") { break }
                }
            }
        }
        return seen
    }

    /// The names that the daemon gave to what is to be deleted.
    func messageNames(_ daemon: DaemonProcess) throws(TestFailure) -> Set<String> {
        let client = try daemon.connect()
        var names: Set<String> = []
        for conversation in conversations where conversation.isMarked {
            for message in try histories(of: conversation, client).compactMap(\.object) {
                if let name = message["message_id"]?.string { names.insert(name) }
            }
        }
        return names
    }

    private func histories(of conversation: Conversation, _ client: SocketClient) throws(TestFailure) -> [JSONValue] {
        let page = try client.ask(#"{"cmd":"history","session_id":"\#(conversation.name)","limit":200}"#)
        guard let messages = page["messages"]?.array, page["next_cursor"]?.string == nil else {
            throw TestFailure("history: \(page)")
        }
        return messages
    }

    // MARK: Deleting

    /// Clients that read what is going to be deleted, and do not take what they are sent.
    func beginReading(_ daemon: DaemonProcess) throws(TestFailure) -> [SocketClient] {
        var clients: [SocketClient] = []
        for conversation in conversations where conversation.isMarked {
            let client = try daemon.connect()
            for run in conversation.runs { client.send(#"{"cmd":"attach","run_id":"\#(run)"}"#) }
            client.send(#"{"cmd":"history","session_id":"\#(conversation.name)","limit":200}"#)
            clients.append(client)
        }
        return clients
    }

    /// Deletes everything that is marked, one half by its name and the other by its users.
    func deleteAll(_ daemon: DaemonProcess) throws(TestFailure) {
        let client = try daemon.connect()
        let marked = conversations.filter(\.isMarked)
        for conversation in marked.prefix(marked.count / 2) {
            try delete(#""session_id":"\#(conversation.name)""#, client)
        }
        for user in Set(marked.map(\.user)).sorted() { try delete(#""user_id":"\#(user)""#, client) }
    }

    private func delete(_ what: String, _ client: SocketClient) throws(TestFailure) {
        let reply = try client.ask(#"{"cmd":"delete",\#(what)}"#)
        guard reply["ok"]?.bool == true else { throw TestFailure("delete \(what): \(reply)") }
    }
}
