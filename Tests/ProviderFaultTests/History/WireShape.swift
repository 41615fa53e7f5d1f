import AgentProtocol
import AgentTestKit

/// What the two kinds of provider demand of a conversation: one that breaks it is refused, and so is its session for
/// ever.
enum WireShape {
    /// What is wrong with the body of a request; nothing if nothing is.
    static func problems(_ format: WireFormat, _ body: [UInt8]) -> [String] {
        guard let request = (try? JSONReader.read(body))?.object, let messages = request["messages"]?.array else {
            return ["the body is no request"]
        }
        var check = Check()
        switch format {
        case .openai: check.openai(messages)
        case .anthropic: check.anthropic(messages, hasTools: request["tools"]?.array?.isEmpty == false)
        }
        return check.problems
    }

    private struct Check {
        var problems: [String] = []
        private var open: [String] = []
        private var known: Set<String> = []

        private mutating func expect(_ holds: Bool, _ problem: String) { if !holds { problems.append(problem) } }

        private static func isBlank(_ text: String?) -> Bool { text?.allSatisfy(\.isWhitespace) ?? true }

        // MARK: Chat completions

        mutating func openai(_ messages: [JSONValue]) {
            var last = "system"
            for (place, value) in messages.enumerated() {
                let message = value.object ?? [:]
                let role = message["role"]?.string ?? "-"
                let content = message["content"]?.string
                if role != "tool" { expect(open.isEmpty, "message \(place): a call without a result before it") }
                switch role {
                case "system": expect(place == 0, "message \(place): a late system message")
                case "user":
                    expect(last != "user", "message \(place): two questions in a row")
                    expect(!Self.isBlank(content), "message \(place): an empty question")
                case "assistant":
                    expect(last == "user" || last == "tool", "message \(place): an answer to nothing")
                    let calls = message["tool_calls"]?.array ?? []
                    expect(!Self.isBlank(content) || !calls.isEmpty, "message \(place): an empty answer")
                    expect(content == nil || !Self.isBlank(content), "message \(place): a blank text")
                    for call in calls { openaiCall(call.object ?? [:], place) }
                case "tool": result(of: message["tool_call_id"]?.string, content, place)
                default: expect(false, "message \(place): a role named \(role)")
                }
                last = role
            }
            expect(open.isEmpty, "the last calls have no result")
            expect(last == "user" || last == "tool", "ends with \(last)")
        }

        private mutating func openaiCall(_ call: JSONObject, _ place: Int) {
            makeCall(call["id"]?.string, call["function"]?.object?["name"]?.string, limit: 40, place)
            let arguments = call["function"]?.object?["arguments"]?.string ?? ""
            expect((try? JSONReader.read(arguments))?.object != nil, "message \(place): arguments that are no object")
        }

        // MARK: Messages

        mutating func anthropic(_ messages: [JSONValue], hasTools: Bool) {
            var last = "assistant"
            for (place, value) in messages.enumerated() {
                let role = value.object?["role"]?.string ?? "-"
                expect(role != last && ["user", "assistant"].contains(role), "message \(place): \(role) after \(last)")
                let blocks = value.object?["content"]?.array ?? []
                expect(!blocks.isEmpty, "message \(place): no content")
                var hasText = false
                for block in blocks.compactMap(\.object) {
                    switch block["type"]?.string {
                    case "text":
                        hasText = true
                        expect(!Self.isBlank(block["text"]?.string), "message \(place): a blank text")
                    case "tool_use":
                        expect(role == "assistant" && hasTools, "message \(place): a call where none may be")
                        expect(block["input"]?.object != nil, "message \(place): an input that is no object")
                        makeCall(block["id"]?.string, block["name"]?.string, limit: 64, place)
                    case "tool_result":
                        expect(role == "user" && !hasText, "message \(place): a result after a text")
                        result(of: block["tool_use_id"]?.string, block["content"]?.string, place)
                    default: expect(false, "message \(place): a block of another kind")
                    }
                }
                if role == "user" { expect(open.isEmpty, "message \(place): a call without a result") }
                last = role
            }
            expect(last == "user", "ends with \(last)")
        }

        // MARK: Both

        private mutating func makeCall(_ id: String?, _ tool: String?, limit: Int, _ place: Int) {
            let id = id ?? ""
            let isName = { (text: String) in
                !text.isEmpty && text.utf8.count <= limit
                    && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
            }
            expect(isName(id), "message \(place): a call named \"\(id)\"")
            expect(isName(tool ?? ""), "message \(place): a tool named \"\(tool ?? "")\"")
            expect(known.insert(id).inserted, "message \(place): the name \(id) stands for two calls")
            open.append(id)
        }

        private mutating func result(of id: String?, _ content: String?, _ place: Int) {
            let call = open.firstIndex { $0 == id }
            expect(call != nil, "message \(place): a result of no call")
            if let call { open.remove(at: call) }
            expect(!Self.isBlank(content), "message \(place): an empty result")
        }
    }
}
