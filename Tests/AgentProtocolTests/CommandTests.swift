import AgentProtocol
import Testing

@Suite struct CommandTests {
    @Test func runHasItsDefaults() throws {
        guard case .run(let run) = try frame(of: #"{"cmd":"run","input":"hi"}"#).command else { throw Mismatch() }
        #expect(run.input == "hi")
        #expect(run.agent == nil && run.sessionID == nil && run.userID == nil && run.runID == nil)
        #expect(run.stream == .full)
        #expect(run.onDisconnect == nil)
        #expect(run.metadata == nil)
    }

    @Test func runTakesAllThatItIsGiven() throws {
        let line = #"""
            {"cmd":"run","agent":"a","input":"hi","session_id":"s","user_id":"u","run_id":"r","stream":"final",\#
            "on_busy":"reject","on_disconnect":"continue","metadata":{"n":1.10},"tools":null}
            """#
        guard case .run(let run) = try frame(of: line).command else { throw Mismatch() }
        #expect(run.agent?.text == "a" && run.sessionID?.text == "s" && run.userID?.text == "u")
        #expect(run.runID?.text == "r")
        #expect(run.stream == .final)
        #expect(run.onDisconnect == .continue)
        var writer = JSONWriter()
        writer.member("m", run.metadata.map(JSONValue.object))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #""m":{"n":1.10}"#)
    }

    @Test func anEmptyArrayStandsForAnEmptyObject() throws {
        guard case .run(let run) = try frame(of: #"{"cmd":"run","input":"hi","metadata":[]}"#).command else {
            throw Mismatch()
        }
        #expect(run.metadata == [:])
    }

    @Test func stopTakesARunOrASessionOrBoth() throws {
        guard case .stop(let one) = try frame(of: #"{"cmd":"stop","run_id":"r","all":false}"#).command,
            case .stop(let both) = try frame(
                of: #"{"cmd":"stop","session_id":"s","run_id":"r","user_id":"u","reason":"why"}"#
            ).command
        else { throw Mismatch() }
        #expect(one.runID?.text == "r" && one.sessionID == nil && one.reason == nil)
        #expect(both.sessionID?.text == "s" && both.userID?.text == "u" && both.reason == "why")
    }

    @Test func listHasItsDefaults() throws {
        guard case .list(let list) = try frame(of: #"{"cmd":"list"}"#).command else { throw Mismatch() }
        #expect(list.kind == .sessions)
        #expect(list.limit == 50)
        #expect(list.cursor == nil && list.isActive == nil && list.status == nil)
    }

    @Test func listTakesTheFiltersOfItsKind() throws {
        guard
            case .list(let sessions) = try frame(
                of: #"{"cmd":"list","user_id":"u","agent":"a","is_active":false,"limit":200,"cursor":"c"}"#
            ).command,
            case .list(let runs) = try frame(
                of: #"{"cmd":"list","kind":"runs","user_id":"u","agent":"a","session_id":"s","status":"running"}"#
            ).command,
            case .list(let agents) = try frame(of: #"{"cmd":"list","kind":"agents","status":null}"#).command
        else { throw Mismatch() }
        #expect(sessions.isActive == false && sessions.limit == 200 && sessions.cursor == "c")
        #expect(runs.kind == .runs && runs.sessionID?.text == "s" && runs.status == .running)
        #expect(agents.kind == .agents)
    }

    @Test func historyHasItsDefaults() throws {
        guard case .history(let history) = try frame(of: #"{"cmd":"history","session_id":"s"}"#).command,
            case .history(let ascending) = try frame(
                of: #"{"cmd":"history","session_id":"s","order":"asc","limit":1}"#
            ).command
        else { throw Mismatch() }
        #expect(history.limit == 50 && !history.ascending && history.cursor == nil)
        #expect(ascending.ascending && ascending.limit == 1)
    }

    @Test func getTakesARunOrAMessage() throws {
        guard case .get(let run) = try frame(of: #"{"cmd":"get","run_id":"r"}"#).command,
            case .get(let message) = try frame(of: #"{"cmd":"get","message_id":"m","offset":262144}"#).command
        else { throw Mismatch() }
        #expect(run.runID?.text == "r" && run.offset == 0)
        #expect(message.messageID?.text == "m" && message.offset == 262_144)
    }

    @Test func helloPingAndHelpNeedNothing() throws {
        guard case .hello(let hello) = try frame(of: #"{"cmd":"hello","require":["run"]}"#).command,
            case .ping = try frame(of: #"{"cmd":"ping"}"#).command,
            case .help(let help) = try frame(of: #"{"cmd":"help"}"#).command
        else { throw Mismatch() }
        #expect(hello.require == ["run"])
        #expect(help.topic == nil)
    }

    private struct Mismatch: Error {}
}
