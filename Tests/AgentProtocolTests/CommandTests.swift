import AgentProtocol
import Testing

@Suite struct CommandTests {
    @Test func runHasItsDefaults() throws {
        guard case .run(let run) = try frame(of: #"{"cmd":"run","input":"hi"}"#).command else { throw Mismatch() }
        #expect(run.input == "hi")
        #expect(run.agent == nil && run.sessionID == nil && run.userID == nil && run.runID == nil)
        #expect(run.stream == .full)
        #expect(run.onDisconnect == nil)
        #expect(run.onBusy == .reject)
        #expect(run.metadata == nil)
    }

    @Test func runTakesAllThatItIsGiven() throws {
        let line = #"""
            {"cmd":"run","agent":"a","input":"hi","session_id":"s","user_id":"u","run_id":"r","stream":"final",\#
            "on_busy":"replace","on_disconnect":"continue","metadata":{"n":1.10},"tools":null}
            """#
        guard case .run(let run) = try frame(of: line).command else { throw Mismatch() }
        #expect(run.agent?.text == "a" && run.sessionID?.text == "s" && run.userID?.text == "u")
        #expect(run.runID?.text == "r")
        #expect(run.stream == .final)
        #expect(run.onDisconnect == .continue)
        #expect(run.onBusy == .replace)
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

    @Test(arguments: BusyPolicy.allCases) func runTakesEveryBusyPolicy(_ policy: BusyPolicy) throws {
        let line = #"{"cmd":"run","input":"hi","on_busy":"\#(policy.rawValue)"}"#
        guard case .run(let run) = try frame(of: line).command else { throw Mismatch() }
        #expect(run.onBusy == policy)
    }

    @Test func stopTakesARunOrASessionOrBoth() throws {
        guard case .stop(let one) = try frame(of: #"{"cmd":"stop","run_id":"r","all":false}"#).command,
            case .stop(let both) = try frame(
                of: #"{"cmd":"stop","session_id":"s","run_id":"r","user_id":"u","reason":"why"}"#
            ).command
        else { throw Mismatch() }
        #expect(one.runID?.text == "r" && one.sessionID == nil && one.reason == nil && !one.all)
        #expect(both.sessionID?.text == "s" && both.userID?.text == "u" && both.reason == "why" && !both.all)
    }

    @Test func stopOfASessionMayMeanItsQueueToo() throws {
        guard case .stop(let session) = try frame(of: #"{"cmd":"stop","session_id":"s","all":true}"#).command,
            case .stop(let both) = try frame(of: #"{"cmd":"stop","session_id":"s","run_id":"r","all":true}"#).command
        else { throw Mismatch() }
        #expect(session.all && session.runID == nil)
        #expect(both.all && both.runID?.text == "r")
    }

    @Test func attachHasItsDefaults() throws {
        guard case .attach(let run) = try frame(of: #"{"cmd":"attach","run_id":"r"}"#).command,
            case .attach(let session) = try frame(of: #"{"cmd":"attach","session_id":"s","after":null}"#).command
        else { throw Mismatch() }
        #expect(run.runID?.text == "r" && run.sessionID == nil && run.userID == nil)
        #expect(run.after == .seq(0) && run.stream == .full)
        #expect(session.sessionID?.text == "s" && session.runID == nil && session.after == .seq(0))
    }

    @Test func attachTakesAllThatItIsGiven() throws {
        let line = #"{"cmd":"attach","run_id":"r","session_id":"s","user_id":"u","after":41,"stream":"final"}"#
        guard case .attach(let attach) = try frame(of: line).command else { throw Mismatch() }
        #expect(attach.runID?.text == "r" && attach.sessionID?.text == "s" && attach.userID?.text == "u")
        #expect(attach.after == .seq(41) && attach.stream == .final)
    }

    @Test(arguments: [
        ("0", AttachPosition.seq(0)), ("9007199254740991", .seq(1 << 53 - 1)), (#""tail""#, .tail),
    ]) func attachBeginsAfterASeqOrAtTheTail(_ after: String, _ position: AttachPosition) throws {
        guard case .attach(let attach) = try frame(of: #"{"cmd":"attach","run_id":"r","after":\#(after)}"#).command
        else { throw Mismatch() }
        #expect(attach.after == position)
    }

    @Test func detachTakesARun() throws {
        guard case .detach(let detach) = try frame(of: #"{"cmd":"detach","run_id":"r","user_id":"u"}"#).command,
            case .detach(let hosts) = try frame(of: #"{"cmd":"detach","run_id":"r"}"#).command
        else { throw Mismatch() }
        #expect(detach.runID.text == "r" && detach.userID?.text == "u")
        #expect(hosts.userID == nil)
    }

    @Test func updateTakesAllThatItIsGiven() throws {
        let line = #"""
            {"cmd":"update","session_id":"s","user_id":"u","title":"Löwen & Bären","summary":"a\nb","is_active":false,\#
            "metadata":{"k":1}}
            """#
        guard case .update(let update) = try frame(of: line).command else { throw Mismatch() }
        #expect(update.sessionID.text == "s" && update.userID?.text == "u")
        #expect(update.title == "Löwen & Bären" && update.summary == "a\nb" && update.isActive == false)
        #expect(update.metadata?["k"]?.int64 == 1)
    }

    @Test(arguments: [
        #""title":"""#, #""summary":"""#, #""is_active":true"#, #""metadata":{}"#, #""metadata":[]"#,
        #""title":"\#(String(repeating: "x", count: 512))""#, #""summary":"\#(String(repeating: "x", count: 16_384))""#,
    ]) func updateIsContentWithOneChange(_ change: String) throws {
        let line = #"{"cmd":"update","session_id":"s",\#(change)}"#
        guard case .update(let update) = try frame(of: line).command else { throw Mismatch() }
        let given = [update.title != nil, update.summary != nil, update.isActive != nil, update.metadata != nil]
        #expect(given.count { $0 } == 1)
    }

    @Test func anEmptyTextIsNotTheSameAsNone() throws {
        guard
            case .update(let update) = try frame(
                of: #"{"cmd":"update","session_id":"s","title":"","summary":null,"is_active":true}"#
            ).command
        else { throw Mismatch() }
        #expect(update.title == "" && update.summary == nil)
    }

    @Test func deleteTakesASessionOrAUserOrBoth() throws {
        guard case .delete(let session) = try frame(of: #"{"cmd":"delete","session_id":"s"}"#).command,
            case .delete(let user) = try frame(of: #"{"cmd":"delete","user_id":"u"}"#).command,
            case .delete(let both) = try frame(of: #"{"cmd":"delete","session_id":"s","user_id":"u"}"#).command
        else { throw Mismatch() }
        #expect(session.sessionID?.text == "s" && session.userID == nil)
        #expect(user.sessionID == nil && user.userID?.text == "u")
        #expect(both.sessionID?.text == "s" && both.userID?.text == "u")
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
