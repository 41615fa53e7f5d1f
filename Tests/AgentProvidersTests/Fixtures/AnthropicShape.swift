import AgentProtocol

@testable import AgentProviders

/// The rules of servers of messages for a request; one that breaks them is refused.
struct AnthropicShape {
    private let model: String
    private var problems: [String] = []
    private var tools: Set<String> = []
    private var ids: Set<String> = []

    init(model: String) { self.model = model }

    func problems(of body: [UInt8]) -> [String] {
        var shape = self
        shape.check(body)
        return shape.problems
    }

    private mutating func expect(_ holds: Bool, _ problem: String) { if !holds { problems.append(problem) } }

    private mutating func check(_ body: [UInt8]) {
        guard let object = try? JSONReader.read(body, depth: 64).object, let messages = object["messages"]?.array else {
            return expect(false, "no JSON with messages")
        }
        expect((object["max_tokens"]?.int64 ?? 0) > 0, "no bound")
        expect(object["system"] == nil || isText(object["system"]), "empty instructions")
        tools = Set((object["tools"]?.array ?? []).compactMap { $0.object?["name"]?.string })
        var open: [String] = []
        for (place, message) in messages.compactMap(\.object).enumerated() {
            let blocks = (message["content"]?.array ?? []).compactMap(\.object)
            expect(
                message["role"]?.string == (place % 2 == 0 ? "user" : "assistant"), "roles do not alternate at \(place)"
            )
            expect(!blocks.isEmpty, "an empty message at \(place)")
            if place % 2 == 0 { question(blocks, open) } else { open = answer(blocks) }
        }
        expect(messages.count % 2 == 1, "ends with an answer")
    }

    private mutating func question(_ blocks: [JSONObject], _ open: [String]) {
        let results = blocks.prefix { $0["type"]?.string == "tool_result" }
        expect(results.compactMap { $0["tool_use_id"]?.string } == open, "results do not follow their calls")
        expect(results.allSatisfy { isText($0["content"]) }, "an empty result")
        expect(
            blocks.dropFirst(results.count).allSatisfy { $0["type"]?.string == "text" && isText($0["text"]) },
            "a question that is no text")
    }

    private mutating func answer(_ blocks: [JSONObject]) -> [String] {
        var open: [String] = []
        for block in blocks {
            switch block["type"]?.string {
            case "text": expect(isText(block["text"]), "an empty text")
            case "thinking": expect(block["signature"]?.string?.isEmpty == false, "reasoning without a seal")
            case "tool_use":
                let id = block["id"]?.string ?? ""
                let name = block["name"]?.string ?? ""
                expect(ids.insert(id).inserted, "the name \(id) twice")
                expect(!id.isEmpty && id.utf8.count <= 64 && id.utf8.allSatisfy(\.isWordByte), "the name \(id)")
                expect(!name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy(\.isWordByte), "the tool \(name)")
                expect(tools.contains(name), "the tool \(name) is not declared")
                expect(block["input"]?.object != nil, "an input that is no object")
                open.append(id)
            default: expect(false, "a block of type \(block["type"]?.string ?? "none")")
            }
        }
        expect(["text", "tool_use"].contains(blocks.last?["type"]?.string), "an answer ends with reasoning")
        return open
    }

    private func isText(_ value: JSONValue?) -> Bool { value?.string.map { !$0.isBlank } ?? false }
}
