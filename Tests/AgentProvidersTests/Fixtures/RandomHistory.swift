import AgentEngine
import AgentProtocol

/// A conversation as it may come out of the ledger after anything: stops, failures, crashes, tools, other providers, and
/// some things that should not happen at all.
struct RandomHistory {
    private var random: RandomNumbers
    private var position: Int64 = 0
    private(set) var messages: [Message] = []

    static let model = "claude-test"
    private static let ids = [
        "toolu_01", "call_1", "call_1", "a.b:c", "functions.f:0", String(repeating: "x", count: 128), "Ab3dE6gH9", "-",
        "call_3_1",
    ]
    private static let names = [
        "search", "get-weather", "mcp.server/tool name", "", String(repeating: "long_name_", count: 12), "Ünïcode",
        "search",
    ]

    init(seed: UInt64) {
        random = RandomNumbers(seed: seed)
        let turns = Int.random(in: 0...5, using: &random)
        for turn in 0..<turns { addTurn(turn) }
    }

    static func request(seed: UInt64) -> ModelRequest {
        var random = RandomNumbers(seed: seed &* 31)
        return ModelRequest(
            model: model, instructions: random.one(of: [nil, "", "You are a test.", " \n"]),
            messages: RandomHistory(seed: seed).messages,
            step: Int.random(in: 1...4, using: &random))
    }

    private mutating func addTurn(_ turn: Int) {
        if random.chance(5) { add(.system, "A word in between.") }
        if random.chance(95) {
            add(.user, random.one(of: ["Hello \(turn)", "What about \"quotes\" and\nlines?", "  ", "你好"]))
        }
        for step in 0..<Int.random(in: 0...3, using: &random) { addStep(step) }
    }

    private mutating func addStep(_ step: Int) {
        let calls = (0..<random.one(of: [0, 0, 1, 1, 2, 3])).map { _ in random.one(of: Self.ids) }
        if random.chance(95) {
            let text = random.one(of: ["", " \n", "An answer.", "[no answer]", "Let me see.\n"])
            add(.assistant, text) { message, random in
                message.step = Int64(step)
                message.interrupted = random.chance(15)
                if random.chance(10) { message.error = ErrorRecord(.modelTruncated, "cut") }
                message.providerData = Self.kept(text, calls, &random)
            }
        }
        for id in calls where random.chance(95) {
            add(.tool, random.one(of: ["", "42", "{\"x\":1}", " "])) { message, random in
                message.toolCallID = random.chance(95) ? ToolCallID(trusted: id) : nil
                message.toolName = random.chance(95) ? random.one(of: Self.names) : nil
                message.toolArguments = random.one(of: [
                    nil, .object(["x": .number(JSONNumber(1))]), .array([]), .string("x"), .object([:]),
                ])
                if random.chance(20) { message.error = ErrorRecord(.internal, "failed") }
            }
        }
    }

    private mutating func add(
        _ role: Role, _ content: String, _ change: (inout Message, inout RandomNumbers) -> Void = { _, _ in }
    ) {
        position += 1
        var message = Message(
            messageID: MessageID(trusted: "m\(position)"), runID: RunID(trusted: "r"), step: 0, position: position,
            role: role,
            content: content, createdAt: Timestamp(milliseconds: 0), completedAt: nil)
        change(&message, &random)
        messages.append(message)
    }

    /// What a provider wanted back: of this one or another, for these calls or others, whole or damaged.
    private static func kept(_ text: String, _ calls: [String], _ random: inout RandomNumbers) -> [UInt8]? {
        let thinking: JSONValue = .object([
            "type": .string("thinking"), "thinking": .string("hm"), "signature": .string("S="),
        ])
        var content: [JSONValue] = [thinking]
        if !text.allSatisfy(\.isWhitespace) {
            content.append(.object(["type": .string("text"), "text": .string(text)]))
        }
        for id in random.chance(80) ? calls : Array(calls.dropLast()) {
            content.append(
                .object([
                    "type": .string("tool_use"), "id": .string(id), "name": .string("search"), "input": .object([:]),
                ]))
        }
        let values: [JSONValue?] = [
            nil, .object(["kind": .string("anthropic"), "model": .string(model), "content": .array(content)]),
            .object(["kind": .string("anthropic"), "model": .string(model), "content": .array(content)]),
            .object(["kind": .string("anthropic"), "model": .string("another"), "content": .array(content)]),
            .object(["kind": .string("anthropic"), "model": .string(model), "content": .string("damaged")]),
            .object([
                "kind": .string("openai"), "reasoning": .string("hm"),
                "calls": .array([.object(["id": .string("call_1"), "extra_content": .object(["g": .string("S")])])]),
            ]),
            .object([
                "kind": .string("openai"), "reasoning_details": .array([.object(["type": .string("reasoning.text")])]),
            ]),
            .object(["kind": .string("telegraph")]), .string("x"),
        ]
        guard let value = random.one(of: values) else { return random.chance(10) ? [0x7B] : nil }
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }
}
