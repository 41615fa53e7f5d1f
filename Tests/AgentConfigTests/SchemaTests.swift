import AgentProtocol
import Testing

@testable import AgentConfig

/// The published schemas and the reader say the same.
@Suite struct SchemaTests {
    private static let main = try! JSONSchema("agentd.toml.schema.json")
    private static let agent = try! JSONSchema("agent.toml.schema.json")

    /// What a schema cannot know: other files, other settings, and a number that JSON does not have.
    private static let beyondSchemas = [
        "there is no agent", "there is no provider", "cannot read", "must be https", "is there twice",
        "dates and times have no place", "is not a number that can be sent", "must have a port between",
    ]

    /// What the schema says of a file; nil when JSON cannot say what is in it.
    private func judge(_ text: String, isAgent: Bool) throws -> [String]? {
        let directory = ConfigurationDirectory(["x.toml": text])
        let list = IssueList()
        let section = try ConfigurationFile(path: directory.path + "/x.toml").section(reportingTo: list)
        let members = section.jsonMembers()
        guard list.issues.isEmpty else { return nil }
        var object = JSONObject()
        for (name, value) in members { object.append(name, value) }
        return (isAgent ? Self.agent : Self.main).complaints(.object(object))
    }

    /// What the reader says of it.
    private func read(_ text: String, isAgent: Bool) -> [String] {
        let files =
            isAgent
            ? ["agentd.toml": "", "agents.d/a.toml": text]
            : ["agentd.toml": text, "ca.pem": "", "agents.d/a.toml": "model = 'script/demo'"]
        return ConfigurationDirectory(files).complaints()
    }

    // MARK: Keys

    @Test func bothKnowTheSameKeys() throws {
        let directory = ConfigurationDirectory([
            "agentd.toml": """
            [socket]
            [providers.a]
            kind = 'openai'
            [prices.'script/demo']
            input = 1
            output = 1
            [defaults]
            [run]
            [retention]
            """, "agents.d/x.toml": "model = 'script/demo'\n[limits]\n[history]",
        ])
        let list = IssueList()
        _ = try ConfigurationLoader.load(path: directory.path + "/agentd.toml", list)
        for (table, keys) in list.grammar {
            let isAgents = table.first == "agents"
            let path = isAgents ? Array(table.dropFirst(2)) : table
            let published = SettingPlace.all.filter {
                $0.isAgents == isAgents && $0.path.dropLast().elementsEqual(path)
            }
            #expect(keys.sorted() == published.compactMap(\.path.last).sorted(), "\(table)")
        }
        let tables = SettingPlace.all.filter { $0.schema["properties"] != nil && $0.path.last != "profile" }.count
        #expect(list.grammar.count == tables + 2, "every table was read, and the two files")
    }

    @Test(arguments: SettingPlace.all) func eachKeyIsReadAndHasATypeInBoth(place: SettingPlace) throws {
        // No setting may be a list.
        let text = place.file("[1]")
        let complaints = read(text, isAgent: place.isAgents)
        let name = place.path.joined(separator: ".")
        #expect(complaints.contains { $0.contains("\"\(name)\" must be ") }, "\(complaints)")
        #expect(try judge(text, isAgent: place.isAgents)?.isEmpty == false)
    }

    // MARK: Bounds

    /// Values that a setting's schema takes or refuses, at the edges of what it says.
    private static func probes(_ schema: JSONObject) -> (good: [String], bad: [String]) {
        if let words = schema["enum"]?.array?.compactMap(\.string) {
            return (words.map { "'\($0)'" }, ["'nonsense'", "''"])
        }
        if let value = schema["const"]?.int64 { return (["\(value)"], ["\(value - 1)", "\(value + 1)"]) }
        switch schema["type"]?.string {
        case "boolean": return (["true", "false"], ["'true'", "1"])
        case "integer":
            let (least, most) = (schema["minimum"]?.int64, schema["maximum"]?.int64)
            return (
                [least, most ?? Int64.max].compactMap { $0.map { "\($0)" } },
                [least.map { $0 - 1 }, most.map { $0 + 1 }].compactMap { $0.map { "\($0)" } } + ["1.5"]
            )
        case "number":
            let (least, most) = (schema["minimum"]!.double!, schema["maximum"]!.double!)
            return (["\(least)", "\(most)", "\(Int(most))"], ["\(least - 0.0005)", "\(most + 0.001)", "-1"])
        case "string" where schema["pattern"] == nil:
            let most = Int(schema["maxLength"]?.int64 ?? 100_000)
            let isTooLong = schema["maxLength"].map { _ in "'\(String(repeating: "x", count: most + 1))'" }
            let isEmpty = schema["minLength"] == nil
            return (
                ["'\(String(repeating: "x", count: most))'"] + (isEmpty ? ["''"] : []),
                [isTooLong, isEmpty ? nil : "''"].compactMap { $0 }
            )
        default: return ([], [])
        }
    }

    /// Settings whose values name something that must be there.
    private static let names: Set<String> = ["default_agent", "ca_file", "instructions_file", "preset"]

    @Test(
        arguments: SettingPlace.all.filter { !names.contains($0.path.last!) && $0.schema["type"]?.string != "object" })
    func bothHaveTheSameBounds(place: SettingPlace) throws {
        let (good, bad) = Self.probes(place.schema)
        for value in good {
            let text = place.file(value)
            #expect(read(text, isAgent: place.isAgents) == [], "\(value.prefix(80))")
            #expect(try judge(text, isAgent: place.isAgents) == [], "\(value.prefix(80))")
        }
        for value in bad {
            let text = place.file(value)
            #expect(read(text, isAgent: place.isAgents) != [], "\(value.prefix(80))")
            #expect(try judge(text, isAgent: place.isAgents) != [], "\(value.prefix(80))")
        }
    }

    @Test func defaultsAreThoseOfTheReader() throws {
        let directory = ConfigurationDirectory(["agentd.toml": "", "agents.d/a.toml": "model = 'script/demo'"])
        var held: [String: JSONValue] = [:]
        for setting in try directory.load().settings where setting.place == nil {
            held[setting.key.filter { $0 != "agents" && $0 != "a" }.joined(separator: ".")] = setting.value
        }
        for place in SettingPlace.all {
            guard let value = place.schema["default"], place.path.first != "providers" else { continue }
            #expect(held[place.path.joined(separator: ".")] == value, "\(place.testDescription)")
        }
    }

    // MARK: Whole files

    @Test(arguments: BrokenConfiguration.mainFiles + BrokenConfiguration.providers)
    func whatTheReaderRefusesTheSchemaRefuses(broken: BrokenConfiguration) throws {
        try expectRefusal(broken, isAgent: false)
    }

    @Test(arguments: BrokenConfiguration.agentFiles) func theSameForAgents(broken: BrokenConfiguration) throws {
        try expectRefusal(broken, isAgent: true)
    }

    private func expectRefusal(_ broken: BrokenConfiguration, isAgent: Bool) throws {
        let isBeyond = broken.complaints.allSatisfy { complaint in
            Self.beyondSchemas.contains { complaint.contains($0) }
        }
        guard !isBeyond, let complaints = try judge(broken.text, isAgent: isAgent) else { return }
        #expect(!complaints.isEmpty)
    }

    static let goodFiles = [
        "", "version = 1", "socket = { mode = '600', group = '33', path = '/run/x.sock' }", "socket.mode = '0000'",
        "[providers.'a b.c']\nkind = 'script'", "[providers]", "[prices]", "[retention]\ndays = 1\nbytes = 1048576",
        "[providers.a]\nkind = 'openai'\nbase_url = 'HTTP://localhost:8080/v1/'\nkey_env = '_K1'",
        "[providers.a]\nkind = 'anthropic'\nbase_url = 'http://[::1]:80'\nproxy = 'socks5h://proxy:1080/'",
        "[providers.a]\nkind = 'openai'\nallow_http = true\nbase_url = 'http://h/x%20y;z'\nca_file = 'ca.pem'",
        "[providers.a]\nkind = 'openai'\nheaders = { X-Team = 'a b', 'x!y' = '~' }\nprofile = { temperature = 1.5 }",
        "[prices.'openai/a/b']\ninput = 0.5\noutput = 1_000_000\ncache_read = 0\ncache_write = 1e-3",
        "[run]\ndrain_s = 0\nidle_s = 0.001\nretries = 10\n[defaults]\nhalt_note = ''\nhistory_stopped = 'plain'",
    ]

    @Test(arguments: goodFiles) func whatTheReaderTakesTheSchemaTakes(text: String) throws {
        #expect(read(text, isAgent: false) == [])
        #expect(try judge(text, isAgent: false) == [])
    }

    @Test(arguments: [
        "model = 'openai/a/b'", "model = 'script/demo'\ninstructions = ''\nlimits = {}\nhistory = { turns = 0 }",
        "model = 'script/demo'\ndescription = 'x'\nlimits = { time_s = 1.5, steps = 1 }\non_disconnect = 'continue'",
    ]) func theSameOfAgents(text: String) throws {
        #expect(read(text, isAgent: true) == [])
        #expect(try judge(text, isAgent: true) == [])
    }
}
