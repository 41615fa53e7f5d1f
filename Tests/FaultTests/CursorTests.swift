import AgentProtocol
import AgentTestKit
import Testing

@Suite("Pages that are walked while others write", .ownThread)
struct CursorTests {
    private let home: DaemonHome

    init() throws {
        home = try DaemonHome()
        try home.configure("version = 1\ndefault_agent = \"short\"\n")
        try home.addAgent("short", script: #"[[{"say":"Yes."},{"end":"stop"}]]"#)
        try home.addAgent("broken", script: #"[[{"say":"Well"},{"fail":{"http":529}}]]"#)
    }

    /// One who writes: new conversations, new runs in old ones, changed and archived conversations.
    private struct Writer {
        let client: SocketClient
        var random: SeededRandom
        private(set) var made = 0
        private(set) var touched: Set<String> = []

        init(_ daemon: DaemonProcess, seed: UInt64) throws {
            client = try daemon.connect()
            random = SeededRandom(seed: seed)
        }

        mutating func run(in session: String, user: String) throws {
            made += 1
            touched.insert(session)
            let agent = session.hasSuffix("b") ? "broken" : "short"
            client.send(
                """
                {"cmd":"run","input":"hi","run_id":"r\(made)","session_id":"\(session)","user_id":"\(user)","agent":"\(agent)"}
                """)
            _ = try client.frame { ["run_completed", "run_error"].contains($0["event"]?.string ?? "") }
        }

        mutating func disturb(_ sessions: [String]) throws {
            try run(in: "new\(made)\(random.chance(50) ? "b" : "")", user: "u\(made % 2)")
            let name = random.pick(sessions)
            try run(in: name, user: user(of: name))
            let other = random.pick(sessions)
            touched.insert(other)
            _ = try client.ask(#"{"cmd":"update","session_id":"\#(other)","title":"moved \#(made)"}"#)
            let archived = random.pick(sessions)
            touched.insert(archived)
            _ = try client.ask(#"{"cmd":"update","session_id":"\#(archived)","is_active":\#(random.chance(50))}"#)
        }

        mutating func forget() { touched = [] }

        func user(of session: String) -> String { "u\(session.utf8.dropFirst().first! % 2)" }
    }

    /// Walks a list or a history to its end; `pause` is between two pages.
    private func walk(
        _ client: SocketClient, _ command: String, items: String, name: String, _ pause: () throws -> Void
    ) throws -> [String] {
        var names: [String] = []
        var cursor = ""
        while true {
            let reply = try client.ask("{\(command)\(cursor)}")
            let page = try #require(reply[items]?.array, "\(reply)")
            names += page.compactMap { $0.object?[name]?.string }
            guard let next = reply["next_cursor"]?.string else { return names }
            cursor = #","cursor":"\#(next)""#
            try pause()
        }
    }

    @Test("skip nothing that stays where it was, and show nothing twice", arguments: [UInt64(1), 2])
    func cursorsAreStable(seed: UInt64) throws {
        let daemon = try DaemonProcess(in: home)
        var writer = try Writer(daemon, seed: seed)
        let sessions = (0..<50).map { "s\($0)\($0 % 3 == 0 ? "b" : "")" }
        for name in sessions.shuffled(using: &writer.random) { try writer.run(in: name, user: writer.user(of: name)) }
        for _ in 0..<12 { try writer.run(in: "s7", user: writer.user(of: "s7")) }
        let reader = try daemon.connect()

        let lists = [
            (#""kind":"sessions""#, "session_id"), (#""kind":"sessions","user_id":"u1""#, "session_id"),
            (#""kind":"sessions","agent":"short""#, "session_id"), (#""kind":"runs""#, "run_id"),
            (#""kind":"runs","session_id":"s7""#, "run_id"), (#""kind":"runs","user_id":"u0""#, "run_id"),
            (#""kind":"runs","status":"completed""#, "run_id"), (#""kind":"runs","status":"error""#, "run_id"),
            (#""kind":"runs","agent":"broken""#, "run_id"),
        ]
        for (filters, name) in lists {
            let command = #""cmd":"list",\#(filters),"limit":6"#
            let before = try walk(reader, command, items: "items", name: name) {}
            writer.forget()
            let walked = try walk(reader, command, items: "items", name: name) { try writer.disturb(sessions) }
            #expect(Set(walked).count == walked.count, "\(filters): one twice")
            // Runs keep their place; conversations that somebody wrote to have left theirs.
            let missed = Set(before).subtracting(walked).subtracting(name == "run_id" ? [] : writer.touched)
            #expect(missed.isEmpty, "\(filters): \(missed)")
        }
        for order in ["asc", "desc"] {
            let command = #""cmd":"history","session_id":"s7","order":"\#(order)","limit":4"#
            let before = try walk(reader, command, items: "messages", name: "message_id") {}
            let walked = try walk(reader, command, items: "messages", name: "message_id") {
                guard writer.made < 1000 else { throw TestFailure("the walk has no end") }
                // One message a page comes behind those that are left, so the walk has an end.
                if writer.random.chance(50) { try writer.run(in: "s7", user: writer.user(of: "s7")) }
            }
            #expect(Set(walked).count == walked.count, "\(order): one twice")
            #expect(Set(before).isSubset(of: walked), "\(order)")
        }
    }
}
