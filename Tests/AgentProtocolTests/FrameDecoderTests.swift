import AgentProtocol
import Testing

@Suite struct FrameDecoderTests {
    /// A line, the code it must be refused with, and the field it must name.
    static let refused: [(line: String, code: ErrorCode, field: String?)] = [
        ("x", .badJSON, nil), ("{", .badJSON, nil), ("[]", .badJSON, nil), ("[{\"cmd\":\"ping\"}]", .badJSON, nil),
        ("\"ping\"", .badJSON, nil), ("null", .badJSON, nil), ("{\"cmd\":\"ping\"} {}", .badJSON, nil),
        (#"{"cmd":"ping","cmd":"ping"}"#, .badJSON, nil), (#"{"cmd":"run","input":"\u0000"}"#, .badJSON, nil),
        (#"{"cmd":"run","input":"\ud800"}"#, .badJSON, nil),
        ("{}", .invalidParams, "cmd"), (#"{"cmd":null}"#, .invalidParams, "cmd"),
        (#"{"cmd":7}"#, .invalidParams, "cmd"),
        (#"{"cmd":""}"#, .invalidParams, "cmd"), (#"{"cmd":"fly"}"#, .unknownCommand, nil),
        (#"{"cmd":"Run","input":"x"}"#, .unknownCommand, nil),
        (#"{"cmd":"ping","id":true}"#, .invalidParams, "id"), (#"{"cmd":"ping","id":1.5}"#, .invalidParams, "id"),
        (#"{"cmd":"ping","id":9007199254740992}"#, .invalidParams, "id"),
        (#"{"cmd":"ping","id":{}}"#, .invalidParams, "id"),
        (#"{"cmd":"ping","id":"\#(String(repeating: "x", count: 129))"}"#, .invalidParams, "id"),
        (#"{"cmd":"ping","close":1}"#, .invalidParams, "close"),

        (#"{"cmd":"run"}"#, .invalidParams, "input"), (#"{"cmd":"run","input":null}"#, .invalidParams, "input"),
        (#"{"cmd":"run","input":""}"#, .invalidParams, "input"), (#"{"cmd":"run","input":5}"#, .invalidParams, "input"),
        (#"{"cmd":"run","input":{}}"#, .invalidParams, "input"),
        (#"{"cmd":"run","input":[]}"#, .unsupportedFeature, "input"),
        (#"{"cmd":"run","input":[{"type":"text","text":"x"}]}"#, .unsupportedFeature, "input"),
        (#"{"cmd":"run","input":"x","session_id":""}"#, .invalidParams, "session_id"),
        (#"{"cmd":"run","input":"x","session_id":"a b"}"#, .invalidParams, "session_id"),
        (#"{"cmd":"run","input":"x","session_id":7}"#, .invalidParams, "session_id"),
        (#"{"cmd":"run","input":"x","user_id":"é"}"#, .invalidParams, "user_id"),
        (#"{"cmd":"run","input":"x","run_id":"\#(String(repeating: "x", count: 129))"}"#, .invalidParams, "run_id"),
        (#"{"cmd":"run","input":"x","agent":"a/b"}"#, .invalidParams, "agent"),
        (#"{"cmd":"run","input":"x","stream":"some"}"#, .invalidParams, "stream"),
        (#"{"cmd":"run","input":"x","stream":true}"#, .invalidParams, "stream"),
        (#"{"cmd":"run","input":"x","on_disconnect":"pause"}"#, .invalidParams, "on_disconnect"),
        (#"{"cmd":"run","input":"x","on_busy":"wait"}"#, .invalidParams, "on_busy"),
        (#"{"cmd":"run","input":"x","metadata":"m"}"#, .invalidParams, "metadata"),
        (#"{"cmd":"run","input":"x","metadata":[1]}"#, .invalidParams, "metadata"),
        (
            #"{"cmd":"run","input":"x","metadata":{"k":"\#(String(repeating: "x", count: 16 << 10))"}}"#,
            .invalidParams, "metadata"
        ),
        (#"{"cmd":"run","input":"x","context":{}}"#, .unsupportedFeature, "context"),
        (#"{"cmd":"run","input":"x","tools":[]}"#, .unsupportedFeature, "tools"),
        (#"{"cmd":"run","input":"x","model":"m"}"#, .unsupportedFeature, "model"),
        (#"{"cmd":"run","input":"x","instructions":"i"}"#, .unsupportedFeature, "instructions"),
        (#"{"cmd":"run","input":"x","output_schema":{}}"#, .unsupportedFeature, "output_schema"),
        (#"{"cmd":"run","input":"x","limits":{}}"#, .unsupportedFeature, "limits"),

        (#"{"cmd":"stop"}"#, .invalidParams, "run_id"), (#"{"cmd":"stop","user_id":"u"}"#, .invalidParams, "run_id"),
        (#"{"cmd":"stop","run_id":""}"#, .invalidParams, "run_id"),
        (#"{"cmd":"stop","session_id":"s","all":"yes"}"#, .invalidParams, "all"),
        (#"{"cmd":"stop","run_id":"r","reason":7}"#, .invalidParams, "reason"),
        (#"{"cmd":"stop","run_id":"r","reason":"\#(String(repeating: "x", count: 1025))"}"#, .invalidParams, "reason"),

        (#"{"cmd":"list","kind":"tools"}"#, .unsupportedFeature, "kind"),
        (#"{"cmd":"list","kind":"requirements"}"#, .unsupportedFeature, "kind"),
        (#"{"cmd":"list","kind":"users"}"#, .invalidParams, "kind"),
        (#"{"cmd":"list","kind":1}"#, .invalidParams, "kind"),
        (#"{"cmd":"list","session_id":"s"}"#, .invalidParams, "session_id"),
        (#"{"cmd":"list","status":"running"}"#, .invalidParams, "status"),
        (#"{"cmd":"list","kind":"runs","is_active":true}"#, .invalidParams, "is_active"),
        (#"{"cmd":"list","kind":"agents","user_id":"u"}"#, .invalidParams, "user_id"),
        (#"{"cmd":"list","kind":"agents","agent":"a"}"#, .invalidParams, "agent"),
        (#"{"cmd":"list","is_active":"yes"}"#, .invalidParams, "is_active"),
        (#"{"cmd":"list","kind":"runs","status":"stopping"}"#, .invalidParams, "status"),
        (#"{"cmd":"list","kind":"runs","status":"done"}"#, .invalidParams, "status"),
        (#"{"cmd":"list","limit":0}"#, .invalidParams, "limit"),
        (#"{"cmd":"list","limit":201}"#, .invalidParams, "limit"),
        (#"{"cmd":"list","limit":-1}"#, .invalidParams, "limit"),
        (#"{"cmd":"list","limit":1.5}"#, .invalidParams, "limit"),
        (#"{"cmd":"list","limit":"5"}"#, .invalidParams, "limit"),
        (#"{"cmd":"list","cursor":5}"#, .invalidParams, "cursor"),
        (#"{"cmd":"list","cursor":""}"#, .invalidParams, "cursor"),

        (#"{"cmd":"history"}"#, .invalidParams, "session_id"),
        (#"{"cmd":"history","session_id":null}"#, .invalidParams, "session_id"),
        (#"{"cmd":"history","session_id":"s","limit":1000}"#, .invalidParams, "limit"),
        (#"{"cmd":"history","session_id":"s","order":"up"}"#, .invalidParams, "order"),

        (#"{"cmd":"get"}"#, .invalidParams, "run_id"),
        (#"{"cmd":"get","run_id":"r","message_id":"m"}"#, .invalidParams, "run_id"),
        (#"{"cmd":"get","tool_call_id":"t"}"#, .unsupportedFeature, "tool_call_id"),
        (#"{"cmd":"get","run_id":"r","offset":-1}"#, .invalidParams, "offset"),
        (#"{"cmd":"hello","require":"run"}"#, .invalidParams, "require"),
        (#"{"cmd":"hello","require":["run",1]}"#, .invalidParams, "require"),
        (#"{"cmd":"help","topic":"rum"}"#, .invalidParams, "topic"),

        (#"{"cmd":"attach","run_id":"r"}"#, .unsupportedFeature, "cmd"),
        (#"{"cmd":"detach"}"#, .unsupportedFeature, "cmd"),
        (#"{"cmd":"continue"}"#, .unsupportedFeature, "cmd"), (#"{"cmd":"update"}"#, .unsupportedFeature, "cmd"),
        (#"{"cmd":"delete"}"#, .unsupportedFeature, "cmd"),
    ]

    @Test(arguments: refused) func aBadLineIsRefusedWithItsCodeAndItsField(
        _ line: String, _ code: ErrorCode, _ field: String?
    ) throws {
        let rejected = try rejection(of: line)
        #expect(rejected.error.code == code)
        #expect(rejected.error.fields["field"]?.string == field)
        #expect((rejected.cmd == nil) == (code == .badJSON || field == "cmd" && code == .invalidParams))
        if code == .invalidParams { #expect(rejected.error.fields["reason"]?.string?.isEmpty == false) }
    }

    @Test(arguments: ["", " ", "\t", "\r", "  \r", "\n"]) func aLineOfWhiteSpaceIsBlank(_ line: String) {
        guard case .blank = decode(line) else {
            Issue.record("a blank line was expected")
            return
        }
    }

    @Test func whiteSpaceAroundTheObjectIsTolerated() throws {
        #expect(try frame(of: "  {\"cmd\":\"ping\"}\r").command.name == "ping")
    }

    @Test func bytesThatAreNotUTF8AreBadJSON() {
        let line = Array(#"{"cmd":"run","input":""#.utf8) + [0xC0, 0x80] + Array("\"}".utf8)
        guard case .rejected(let rejected) = line.withUnsafeBytes({ FrameDecoder.decode($0) }) else {
            Issue.record("a rejection was expected")
            return
        }
        #expect(rejected.error.code == .badJSON)
    }

    @Test func theIDAndTheCloseFlagAreKept() throws {
        let named = try frame(of: #"{"cmd":"ping","id":"a b","close":true}"#)
        #expect(named.id == .string("a b"))
        #expect(named.close)
        #expect(try frame(of: #"{"cmd":"ping","id":-7}"#).id == .integer(-7))
        #expect(try frame(of: #"{"cmd":"ping","id":null,"close":false}"#).id == nil)
    }

    @Test func aRejectedCommandStillSaysItsIDAndItsCloseFlag() throws {
        let rejected = try rejection(of: #"{"cmd":"attach","id":3,"close":true,"run_id":"r"}"#)
        #expect(rejected.cmd == "attach")
        #expect(rejected.id == .integer(3))
        #expect(rejected.close)
        #expect(rejected.error.message.contains("attach"))
    }

    @Test func aMisspeltCommandIsGuessed() throws {
        #expect(
            try rejection(of: #"{"cmd":"histroy"}"#).error.message == "unknown command histroy; did you mean history?")
        #expect(try rejection(of: #"{"cmd":"telephone"}"#).error.message == "unknown command telephone")
    }

    @Test(arguments: [
        (#"{"cmd":"run","input":"x","sesion_id":"s"}"#, ["unknown field sesion_id; did you mean session_id?"]),
        (#"{"cmd":"run","input":"x","agnet":"a"}"#, ["unknown field agnet; did you mean agent?"]),
        (#"{"cmd":"run","input":"x","session":"s"}"#, ["unknown field session; did you mean session_id?"]),
        (#"{"cmd":"run","input":"x","user":"s"}"#, ["unknown field user; did you mean user_id?"]),
        (#"{"cmd":"list","text":"s"}"#, ["unknown field text"]),
        (#"{"cmd":"ping","zebra":null,"Id":1}"#, ["unknown field zebra", "unknown field Id; did you mean id?"]),
        (#"{"cmd":"run","input":"x","context":null,"on_busy":"reject"}"#, []),
    ]) func anUnknownFieldIsAWarning(_ line: String, _ warnings: [String]) throws {
        #expect(try frame(of: line).warnings == warnings)
    }

    @Test(arguments: ["prompt", "message", "text"]) func aRefusalWarnsAsWell(_ name: String) throws {
        let rejected = try rejection(of: #"{"cmd":"run","\#(name)":"hi"}"#)
        #expect(rejected.error.fields["field"]?.string == "input")
        #expect(rejected.warnings == ["unknown field \(name); did you mean input?"])
    }

    @Test func aFieldAfterTheFirstErrorIsStillKnown() throws {
        #expect(try rejection(of: #"{"cmd":"run","input":5,"session_id":"s","metadata":{}}"#).warnings.isEmpty)
    }

    @Test func warningsAreBounded() throws {
        let members = (0..<100_000).map { ",\"x\($0)\":0" }.joined()
        #expect(try frame(of: "{\"cmd\":\"ping\"\(members)}").warnings.count == Limits.warnings)
        let long = String(repeating: "x", count: 1 << 20)
        #expect(try frame(of: "{\"cmd\":\"ping\",\"\(long)\":0}").warnings.allSatisfy { $0.utf8.count < 256 })
        #expect(try rejection(of: "{\"cmd\":\"\(long)\"}").error.message.utf8.count < 256)
    }
}

/// Decodes a line of text.
func decode(_ line: String) -> DecodedLine {
    Array(line.utf8).withUnsafeBytes { FrameDecoder.decode($0) }
}

/// The command on a line, which must be one.
func frame(of line: String) throws -> CommandFrame {
    guard case .command(let frame) = decode(line) else { throw Unexpected(line: line) }
    return frame
}

/// The rejection of a line, which must be one.
func rejection(of line: String) throws -> RejectedFrame {
    guard case .rejected(let frame) = decode(line) else { throw Unexpected(line: line) }
    return frame
}

/// A line that was decoded as something else than the test wants.
struct Unexpected: Error {
    let line: String
}
