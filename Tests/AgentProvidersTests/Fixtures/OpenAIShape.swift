import AgentProtocol

@testable import AgentProviders

/// The rules of servers of chat completions for a request; one that breaks them is refused.
struct OpenAIShape {
    private let profile: ProviderProfile
    private var problems: [String] = []

    init(_ profile: ProviderProfile) { self.profile = profile }

    func problems(of body: [UInt8]) -> [String] {
        var shape = self
        shape.check(body)
        return shape.problems
    }

    private mutating func expect(_ holds: Bool, _ problem: String) { if !holds { problems.append(problem) } }

    private mutating func check(_ body: [UInt8]) {
        guard let object = try? JSONReader.read(body, depth: 64).object, let list = object["messages"]?.array else {
            return expect(false, "no JSON with messages")
        }
        var messages = list.compactMap(\.object)[...]
        if let role = messages.first?["role"]?.string, role == profile.instructionsRole.rawValue, role != "user" {
            messages.removeFirst()
        }
        expect(messages.first?["role"]?.string == "user", "does not begin with a question")
        expect(["user", "tool"].contains(messages.last?["role"]?.string), "ends with an answer")
        var before = ""
        var open: [String] = []
        var ids: Set<String> = []
        for message in messages {
            let role = message["role"]?.string ?? ""
            if role != "tool" { expect(open.isEmpty, "calls without results: \(open)") }
            switch role {
            case "user":
                expect(
                    before != "user" && !(before == "tool" && profile.wantsAnswerAfterTool),
                    "a question after \(before)")
                expect(isText(message["content"]), "an empty question")
            case "assistant":
                expect(before != "assistant", "an answer after an answer")
                open = (message["tool_calls"]?.array ?? []).map { call($0, &ids) }
                expect(message["tool_calls"] == nil || !open.isEmpty, "an empty list of calls")
                expect(isText(message["content"]) || (message["content"] == .null && !open.isEmpty), "an empty answer")
            case "tool":
                expect(!open.isEmpty && message["tool_call_id"]?.string == open.first, "a result without its call")
                open = Array(open.dropFirst())
                expect(isText(message["content"]), "an empty result")
            default: expect(false, "role \(role)")
            }
            before = role
        }
        expect(open.isEmpty, "calls without results at the end")
    }

    private func isText(_ value: JSONValue?) -> Bool { value?.string.map { !$0.isBlank } ?? false }

    private mutating func call(_ value: JSONValue, _ ids: inout Set<String>) -> String {
        let id = value.object?["id"]?.string ?? ""
        let function = value.object?["function"]?.object
        let name = function?["name"]?.string ?? ""
        expect(ids.insert(id).inserted, "the name \(id) twice")
        expect(
            !id.isEmpty && id.utf8.count <= profile.callIDLimit && id.utf8.allSatisfy(\.isWordByte), "the name \(id)")
        if profile.callIDIsExact {
            expect(id.utf8.count == profile.callIDLimit && !id.contains("_") && !id.contains("-"), "the name \(id)")
        }
        expect(
            !name.isEmpty && name.utf8.count <= profile.toolNameLimit && name.utf8.allSatisfy(\.isWordByte),
            "the tool \(name)")
        let arguments = function?["arguments"]?.string.flatMap { try? JSONReader.read($0).object }
        expect(arguments != nil, "arguments that are no object")
        return id
    }
}
