import AgentEngine
import AgentProtocol

/// What is wrong with a script, and where.
public struct ScriptError: Error, CustomStringConvertible, Sendable {
    /// A sentence that names turn and step, both counted from 1.
    public let description: String
}

/// Reads a script from its JSON: a list of turns, each a list of steps.
enum ScriptReader {
    static func read(_ bytes: [UInt8]) throws(ScriptError) -> Script {
        let value: JSONValue
        do throws(JSONError) { value = try JSONReader.read(bytes, values: .max) } catch {
            throw ScriptError(description: "not JSON at byte \(error.offset): \(error.reason)")
        }
        guard let list = value.array, !list.isEmpty else {
            throw ScriptError(description: "a script is a list of turns, with at least one")
        }
        var turns: [[Script.Step]] = []
        for (index, turn) in list.enumerated() {
            guard let steps = turn.array else {
                throw ScriptError(description: "turn \(index + 1) is not a list of steps")
            }
            var read: [Script.Step] = []
            for (place, step) in steps.enumerated() {
                do throws(ScriptError) { read.append(try self.step(step)) } catch {
                    throw ScriptError(description: "turn \(index + 1), step \(place + 1): \(error.description)")
                }
            }
            turns.append(read)
        }
        return Script(turns: turns)
    }

    private static func step(_ value: JSONValue) throws(ScriptError) -> Script.Step {
        guard let object = value.object else { throw ScriptError(description: "a step is an object") }
        if let text = object["say"]?.string {
            try only(["say", "chunk", "every_ms"], in: object)
            let pace = try pace(object)
            return .say(pace.pieces(of: text), everyMilliseconds: pace.everyMilliseconds)
        }
        if let text = object["think"]?.string {
            try only(["think", "chunk", "every_ms"], in: object)
            let pace = try pace(object)
            return .think(pace.pieces(of: text), everyMilliseconds: pace.everyMilliseconds)
        }
        if let word = object["say_request"]?.string {
            try only(["say_request", "chunk", "every_ms"], in: object)
            guard let fact = Script.RequestFact(rawValue: word) else {
                let known = Script.RequestFact.allCases.map(\.rawValue).joined(separator: ", ")
                throw ScriptError(description: "say_request must be one of \(known)")
            }
            return .sayRequest(fact, try pace(object))
        }
        if object["wait_ms"] != nil {
            try only(["wait_ms"], in: object)
            return .wait(milliseconds: try milliseconds("wait_ms", in: object))
        }
        if let name = object["call"]?.string {
            try only(["call", "args", "id"], in: object)
            return .call(name: name, arguments: try arguments(object), id: try callID(object))
        }
        if let failure = object["fail"]?.object {
            try only(["fail"], in: object)
            try only(["http"], in: failure, of: "fail")
            return .fail(try error(failure))
        }
        if let report = object["usage"]?.object {
            try only(["usage"], in: object)
            return .usage(try usage(report))
        }
        if let word = object["end"]?.string {
            try only(["end"], in: object)
            return .end(StopReason(rawValue: word) ?? .other, word: word)
        }
        throw ScriptError(
            description: "a step is one of say, think, say_request, wait_ms, call, fail, usage, end")
    }

    private static func only(
        _ names: [String], in object: JSONObject, of step: String? = nil
    ) throws(ScriptError) {
        for member in object.members where !names.contains(member.name) {
            throw ScriptError(description: "\(member.name) does not belong to \(step ?? names[0])")
        }
    }

    private static func usage(_ report: JSONObject) throws(ScriptError) -> Usage {
        try only(
            ["input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"],
            in: report, of: "usage")
        return Usage(
            inputTokens: try tokens("input_tokens", in: report),
            cacheReadTokens: try tokens("cache_read_tokens", in: report),
            cacheWriteTokens: try tokens("cache_write_tokens", in: report),
            outputTokens: try tokens("output_tokens", in: report),
            reasoningTokens: try tokens("reasoning_tokens", in: report))
    }

    private static func tokens(_ name: String, in report: JSONObject) throws(ScriptError) -> Int64? {
        guard let value = report[name] else { return nil }
        guard let count = value.int64, count >= 0 else {
            throw ScriptError(description: "\(name) must be a number of tokens")
        }
        return count
    }

    private static func pace(_ object: JSONObject) throws(ScriptError) -> Script.Pace {
        var chunk: Int?
        if let value = object["chunk"] {
            guard let count = value.int64, count > 0 else {
                throw ScriptError(description: "chunk must be a number of characters above 0")
            }
            chunk = Int(count)
        }
        let every = object["every_ms"] == nil ? 0 : try milliseconds("every_ms", in: object)
        return Script.Pace(chunk: chunk, everyMilliseconds: every)
    }

    private static func milliseconds(_ name: String, in object: JSONObject) throws(ScriptError) -> Int64 {
        guard let value = object[name]?.int64, (0...86_400_000).contains(value) else {
            throw ScriptError(description: "\(name) must be a number of milliseconds up to a day")
        }
        return value
    }

    /// Arguments that are no object are kept out: a model may write such, and the call must then not be made.
    private static func arguments(_ object: JSONObject) throws(ScriptError) -> JSONObject? {
        guard let value = object["args"] else { return [:] }
        return value.object
    }

    private static func callID(_ object: JSONObject) throws(ScriptError) -> ToolCallID? {
        guard let value = object["id"] else { return nil }
        guard let id = value.string.flatMap({ ToolCallID($0) }) else {
            throw ScriptError(description: "id must be an identifier")
        }
        return id
    }

    private static func error(_ failure: JSONObject) throws(ScriptError) -> ErrorRecord {
        guard let status = failure["http"]?.int64, (100...599).contains(status) else {
            throw ScriptError(description: "fail needs http, a status from 100 to 599")
        }
        let code: ErrorCode =
            switch status {
            case 401, 403: .modelAuth
            case 429: .modelRateLimited
            case 503, 529: .modelOverloaded
            case 400..<500: .modelBadRequest
            default: .modelUnavailable
            }
        return ErrorRecord(code, "the script failed with HTTP status \(status)", httpStatus: status)
    }
}
