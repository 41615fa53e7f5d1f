import AgentProtocol
import ArgumentParser

/// How much of something long is shown.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("At most so many, 1 to 200; 50 if not said.", valueName: "number"))
    var limit: Int?

    @Option(help: ArgumentHelp("Go on where a page ended.", valueName: "text"))
    var cursor: String?

    @Flag(help: "Show everything, page by page.")
    var all = false

    func validate() throws {
        if let limit, !(1...Limits.pageMax).contains(limit) {
            throw ValidationError("--limit must be from 1 to \(Limits.pageMax).")
        }
    }

    /// Asks for one page, or with `all` for one after the other; hands each on. Where more is left, says how to go on.
    func walk(
        _ command: JSONObject, over client: SocketClient, _ take: (ClientFrame) throws -> Void
    ) throws {
        var next = cursor
        repeat {
            var page = command
            page.add([
                "limit": limit.map { .number(JSONNumber(Int64($0))) } ?? (all ? Self.largest : nil),
                "cursor": next.map(JSONValue.string),
            ])
            let reply = try client.ask(page)
            try take(reply)
            next = reply.string("next_cursor")
        } while all && next != nil
        if let next { Terminal.errors.note("there is more: --cursor \(next), or --all") }
    }

    private static let largest = JSONValue.number(JSONNumber(Int64(Limits.pageMax)))
}
