import AgentLoop
import AgentProviders
import AgentTestKit
import Glibc

/// Faults of what is in a stream, and of our own side.
extension Fault {
    // MARK: Bytes

    static let splitMark = Fault("split mark") { scene in
        for byte: UInt8 in [0xEF, 0xBB, 0xBF] { scene.connection.sendChunk([byte]) }
        return .goOn
    }

    static let bytewise = Fault("bytewise") { _ in .goOnAs(pieces: 1) { $0 } }

    static let badComment = Fault("bad comment") { scene in
        scene.connection.sendChunk([0x3A, 0x20, 0xFF, 0xC3, 0x0A, 0x0A])
        return .goOn
    }

    static let badText = Fault("bad text") { scene in
        scene.connection.sendChunk(scene.format.text(escaped: [0x61, 0xFF, 0x62, 0xE4, 0xB8]))
        return .goOn
    }.with { $0.said = { _ in Sample.first + "a\u{FFFD}b\u{FFFD}" + Sample.rest } }

    static let badArguments = Fault("bad arguments") { scene in
        scene.connection.sendChunk(scene.format.arguments(escaped: [0xC3, 0x28], block: 0))
        return .goOn
    }.with { $0.inspect = refusesArguments }

    static let badExtra = Fault("bad extra") { scene in
        let json = Array(#"{"type":"note","choices":[],"note":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)
        scene.connection.sendChunk(scene.format.event("note", json))
        return .goOn
    }

    // MARK: Lines

    static let bareFields = Fault("bare fields") { scene in
        scene.connection.sendChunk("id\nretry: 10\nunheard-of\nevent\n\ndata\n\nevent: nothing\n\n")
        return .goOn
    }

    /// The rest of the answer with these line ends in turn, in pieces of seven bytes.
    static func lineEnds(_ ends: [String]) -> Fault {
        Fault("line ends \(ends.count)") { _ in
            .goOnAs(pieces: 7) { bytes in
                var changed: [UInt8] = []
                var place = 0
                for byte in bytes {
                    guard byte == 0x0A else {
                        changed.append(byte)
                        continue
                    }
                    changed += Array(ends[place % ends.count].utf8)
                    place += 1
                }
                return changed
            }
        }
    }

    private static let longText = String(repeating: "0123456789abcdef", count: 65_536)

    static let longLine = Fault("1 MiB line") { scene in
        scene.connection.sendChunk(scene.format.text(longText))
        return .goOn
    }.with { $0.said = { _ in Sample.first + longText + Sample.rest } }

    // MARK: Calls

    @Sendable private static func refusesArguments(_ evidence: FaultEvidence) -> [String] {
        var problems = evidence.calls.allSatisfy { $0.arguments == nil } ? [] : ["the arguments were taken"]
        let told = evidence.followUps.allSatisfy { String(decoding: $0, as: UTF8.self).contains("not a JSON object") }
        if !told || evidence.followUps.isEmpty { problems.append("the model was not told") }
        return problems
    }

    private static func arguments(_ name: String, _ pieces: [String], isRefused: Bool = true) -> Fault {
        Fault(name) { _ in .goOn }.with {
            $0.stream = { format in
                let events =
                    [format.callBlock(0, id: "c1", tool: "lookup")]
                    + pieces.map { format.arguments($0, block: 0) } + [format.blockEnd(0)]
                return ModelStream(format, callEvents: events, calls: 1)
            }
            if isRefused { $0.inspect = refusesArguments }
        }
    }

    static let oddArguments = [
        arguments(
            "10 MiB", [#"{"a":""#] + Array(repeating: String(repeating: "x", count: 65_536), count: 160) + [#""}"#]),
        arguments(
            "deep", [#"{"a":"# + String(repeating: "[", count: 1000), String(repeating: "]", count: 1000) + "}"]),
        arguments("no JSON", ["city=", "Zürich"]),
        arguments("one name twice", [#"{"a":1,"#, #""a":2}"#]),
        arguments("none", [], isRefused: false).with {
            $0.inspect = { $0.calls.first?.arguments == "{}" ? [] : ["nothing is not the empty object"] }
        },
    ]

    private static func calls(
        _ name: String, _ events: @escaping @Sendable (WireFormat) -> [[UInt8]], _ count: Int,
        _ wanted: [(id: String, arguments: String)]
    ) -> Fault {
        let wanted = wanted.map { "\($0.id) \($0.arguments)" }
        return Fault(name) { _ in .goOn }.with {
            $0.stream = { ModelStream($0, callEvents: events($0), calls: count) }
            $0.inspect = { evidence in
                let got = evidence.calls.map { "\($0.id) \($0.tool == "lookup" ? $0.arguments ?? "-" : $0.tool)" }
                return got == wanted ? [] : ["the calls are \(got), not \(wanted)"]
            }
        }
    }

    private static func whole(_ format: WireFormat, _ block: Int, id: String?, _ json: String) -> [[UInt8]] {
        [format.callBlock(block, id: id, tool: "lookup"), format.arguments(json, block: block), format.blockEnd(block)]
    }

    static let oddCalls = [
        calls("no name", { whole($0, 0, id: nil, #"{"a":1}"#) }, 1, [("call_1_1", #"{"a":1}"#)]),
        calls(
            "one name twice", { whole($0, 0, id: "c1", #"{"a":1}"#) + whole($0, 1, id: "c1", #"{"a":2}"#) }, 2,
            [("c1", #"{"a":1}"#), ("call_1_2", #"{"a":2}"#)]),
        calls(
            "interleaved",
            { format in
                [
                    format.callBlock(0, id: "c1", tool: "lookup"), format.callBlock(1, id: "c2", tool: "lookup"),
                    format.arguments(#"{"a""#, block: 0), format.arguments(#"{"b""#, block: 1),
                    format.arguments(":1}", block: 0), format.arguments(":2}", block: 1), format.blockEnd(1),
                    format.blockEnd(0),
                ]
            }, 2, [("c1", #"{"a":1}"#), ("c2", #"{"b":2}"#)]),
    ]

    // MARK: Events

    static let surprise = Fault("surprise") { scene in
        let usage = scene.format == .openai ? #""usage":{"prompt_tokens":7,"completion_tokens":1},"# : ""
        scene.connection.sendChunk(
            scene.format.event("surprise", #"{"type":"surprise","choices":[],\#(usage)"x":[1,{"y":null}]}"#))
        return .goOn
    }

    static let earlyEnd = Fault("early end") { scene in
        scene.connection.sendChunk(
            scene.format.reason(isCalling: scene.position == .midArguments) + scene.format.endMarker)
        return .goOn
    }.with {
        $0.said = { $0 == .midText ? Sample.first : "" }
        $0.calls = 0
        $0.inspect = { evidence in
            // What was cut off by the end is a call that cannot be read.
            evidence.position == .midArguments ? refusesArguments(evidence) : []
        }
    }

    static let doubleEnd = Fault("double end") { scene in
        let late = scene.format.text("late")
        return .instead(scene.stream.end + [late] + scene.stream.end)
    }

    static let nothingSaid = Fault("nothing said") { scene in
        .instead([scene.format.beginning, scene.format.reason(isCalling: false), scene.format.endMarker])
    }.with {
        $0.said = { _ in "" }
        $0.calls = 0
    }

    static let noReason = Fault("no reason") { scene in .instead([scene.format.endMarker]) }

    static let emptyBody = Fault("empty body") { scene in
        scene.connection.sendWhole(status: "200 OK", headers: "content-type: text/event-stream\r\n", "")
        return .over
    }

    // MARK: Our side

    /// The loop does nothing for longer than its deadlines, as after a suspend, while the answer goes on coming.
    static let sleeper = Fault("sleeper") { scene in
        let isSent = Signal()
        EventLoop.post {
            isSent.wait()
            usleep(600_000)
        }
        scene.sendRest()
        isSent.set()
        return .over
    }.with {
        $0.isAlone = true
        $0.tune = {
            $0.firstByteTimeout = .milliseconds(500)
            $0.idleTimeout = .milliseconds(400)
        }
    }

    private static let silentServer = Fault("silent") { scene in
        scene.connection.waitForClose()
        return .over
    }.with { $0.staysOpen = true }

    static let tooSlow = silentServer.with { $0.timeLimit = .milliseconds(700) }
    static let stopped = silentServer.with { $0.stop = .atPlace }
    static let stoppedAtRetry = status(503).with {
        $0.stop = .atRetry
        $0.inspect = { $0.requests == 1 ? [] : ["asked \($0.requests) times"] }
    }
}
