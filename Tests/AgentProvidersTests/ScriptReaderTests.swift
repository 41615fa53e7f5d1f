import AgentEngine
import AgentProtocol
import Testing

@testable import AgentProviders

@Suite struct ScriptReaderTests {
    private func step(_ json: String) throws -> Script.Step {
        let script = try ScriptReader.read(Array("[[\(json)]]".utf8))
        return try #require(script.turns.first?.first)
    }

    private func refusal(_ json: String) -> String? {
        do {
            _ = try ScriptReader.read(Array(json.utf8))
            return nil
        } catch { return error.description }
    }

    @Test func readsTextInPieces() throws {
        let hello = [Array("Hel".utf8), Array("lo".utf8)]
        #expect(try step(#"{"say":"Hello","chunk":3,"every_ms":5}"#) == .say(hello, everyMilliseconds: 5))
        #expect(try step(#"{"think":"Hello","chunk":3}"#) == .think(hello, everyMilliseconds: 0))
        #expect(try step(#"{"say":"Hello"}"#) == .say([Array("Hello".utf8)], everyMilliseconds: 0))
        #expect(try step(#"{"say":""}"#) == .say([], everyMilliseconds: 0))
    }

    @Test(arguments: Script.RequestFact.allCases) func readsEveryFact(fact: Script.RequestFact) throws {
        #expect(
            try step(#"{"say_request":"\#(fact.rawValue)","chunk":8,"every_ms":1}"#)
                == .sayRequest(fact, Script.Pace(chunk: 8, everyMilliseconds: 1)))
    }

    @Test func readsCalls() throws {
        #expect(
            try step(#"{"call":"clock","args":{"zone":"UTC"},"id":"c1"}"#)
                == .call(name: "clock", arguments: ["zone": .string("UTC")], id: ToolCallID(trusted: "c1")))
        #expect(try step(#"{"call":"clock"}"#) == .call(name: "clock", arguments: [:], id: nil))
        #expect(try step(#"{"call":"clock","args":"half a"}"#) == .call(name: "clock", arguments: nil, id: nil))
    }

    @Test func readsTheRest() throws {
        #expect(try step(#"{"wait_ms":86400000}"#) == .wait(milliseconds: 86_400_000))
        #expect(try step(#"{"usage":{"input_tokens":3}}"#) == .usage(Usage(inputTokens: 3)))
        #expect(
            try step(
                #"{"usage":{"input_tokens":5,"cache_read_tokens":1,"cache_write_tokens":2,"output_tokens":3,"reasoning_tokens":4}}"#
            )
                == .usage(
                    Usage(
                        inputTokens: 5, cacheReadTokens: 1, cacheWriteTokens: 2, outputTokens: 3, reasoningTokens: 4)))
        #expect(try step(#"{"end":"length"}"#) == .end(.length, word: "length"))
        #expect(try step(#"{"end":"max_tokens"}"#) == .end(.other, word: "max_tokens"))
    }

    @Test(arguments: [
        (401, ErrorCode.modelAuth), (403, .modelAuth), (429, .modelRateLimited), (503, .modelOverloaded),
        (529, .modelOverloaded), (400, .modelBadRequest), (404, .modelBadRequest), (500, .modelUnavailable),
        (502, .modelUnavailable), (100, .modelUnavailable), (599, .modelUnavailable),
    ]) func readsFailuresByTheirStatus(status: Int, code: ErrorCode) throws {
        guard case .fail(let error) = try step(#"{"fail":{"http":\#(status)}}"#) else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == code)
        #expect(error.httpStatus == Int64(status))
    }

    @Test func readsTurnsInTheirOrderAndAnEmptyTurn() throws {
        let script = try ScriptReader.read(Array(#"[[{"end":"stop"}],[],[{"wait_ms":0},{"wait_ms":1}]]"#.utf8))
        #expect(script.turns.map(\.count) == [1, 0, 2])
    }

    @Test(arguments: [
        #"{"sy":"Hello"}"#, #"{}"#, #"[]"#, #""say""#, #"{"say":5}"#, #"{"say":"x","end":"stop"}"#,
        #"{"say":"x","chunk":0}"#, #"{"say":"x","chunk":-1}"#, #"{"say":"x","chunk":"4"}"#, #"{"say":"x","chunk":1.5}"#,
        #"{"say":"x","every_ms":-1}"#, #"{"say":"x","every_ms":86400001}"#, #"{"say":"x","evry_ms":1}"#,
        #"{"think":true}"#, #"{"think":"x","id":"y"}"#, #"{"say_request":"last_word"}"#, #"{"say_request":7}"#,
        #"{"wait_ms":-1}"#, #"{"wait_ms":"1"}"#, #"{"wait_ms":86400001}"#, #"{"wait_ms":null}"#,
        #"{"wait_ms":1,"say":"x"}"#, #"{"call":7}"#, #"{"call":"x","arguments":{}}"#, #"{"call":"x","id":"no id"}"#,
        #"{"call":"x","id":7}"#, #"{"call":"x","id":""}"#, #"{"fail":{}}"#, #"{"fail":{"http":99}}"#,
        #"{"fail":{"http":600}}"#, #"{"fail":{"http":"500"}}"#, #"{"fail":500}"#,
        #"{"fail":{"http":500},"end":"stop"}"#,
        #"{"fail":{"http":500,"retry":1}}"#, #"{"usage":5}"#, #"{"usage":{"input_tokens":"9"}}"#,
        #"{"usage":{"input_tokens":-9}}"#, #"{"usage":{"inputtokens":9}}"#, #"{"usage":{},"end":"stop"}"#,
        #"{"end":5}"#, #"{"end":"stop","say":"x"}"#,
    ]) func refusesAMalformedStepByItsPlace(json: String) throws {
        let message = try #require(refusal(#"[[{"end":"stop"}],[{"wait_ms":0},\#(json)]]"#))
        #expect(message.hasPrefix("turn 2, step 2: "))
        #expect(message.utf8.count > "turn 2, step 2: ".utf8.count + 10)
    }

    @Test func refusesWhatIsNoListOfTurns() {
        #expect(refusal("[]") == "a script is a list of turns, with at least one")
        #expect(refusal("{}") == "a script is a list of turns, with at least one")
        #expect(refusal(#"[[],{"say":"x"}]"#) == "turn 2 is not a list of steps")
        #expect(refusal("[[") == "not JSON at byte 2: a value is missing")
    }
}
