import AgentConfig
import AgentProtocol
import Testing

@Suite struct ProviderReadingTests {
    private func providers(_ text: String, _ files: [String: String] = [:]) throws -> [String: ProviderDefinition] {
        let directory = ConfigurationDirectory(files.merging(["agentd.toml": text]) { $1 })
        // The directory has another name each time.
        return try directory.load().providers.mapValues { provider in
            var provider = provider
            provider.caFile = provider.caFile?.replacing(directory.path, with: "DIR")
            if case .file(let path) = provider.keySource {
                provider.keySource = .file(path.replacing(directory.path, with: "DIR"))
            }
            provider.place = provider.place.map {
                SourcePlace(file: $0.file.replacing(directory.path, with: "DIR"), line: $0.line, column: $0.column)
            }
            return provider
        }
    }

    @Test func theVendorsAreThereWithoutAWord() throws {
        for providers in [try ConfigurationLoader.load(path: nil).providers, try providers("")] {
            #expect(providers.keys.sorted() == ["anthropic", "openai", "script"])
            #expect(
                providers["openai"]
                    == ProviderDefinition(
                        name: "openai", kind: .openai,
                        keySource: .vendor(variable: "OPENAI_API_KEY", credential: "openai")))
            #expect(
                providers["anthropic"]
                    == ProviderDefinition(
                        name: "anthropic", kind: .anthropic,
                        keySource: .vendor(variable: "ANTHROPIC_API_KEY", credential: "anthropic")))
        }
    }

    @Test func anAgentMayNameAVendorThatIsNotConfigured() throws {
        let directory = ConfigurationDirectory([
            "agentd.toml": "", "agents.d/a.toml": "description = 'A'\nmodel = 'openai/gpt-x'",
        ])
        let configuration = try directory.load()
        #expect(configuration.agents.values.first?.model == "gpt-x")
        // So that a missing key is complained about where the vendor is named.
        let place = configuration.providers["openai"]?.place
        #expect(place == SourcePlace(file: directory.path + "/agents.d/a.toml", line: 2, column: 1))
        #expect(configuration.providers["anthropic"]?.place == nil)
    }

    @Test func whatIsConfiguredReplacesTheBuiltIn() throws {
        let providers = try providers("[providers.openai]\nkind = 'openai'\nbase_url = 'http://localhost:1/v1'")
        #expect(
            providers["openai"]
                == ProviderDefinition(
                    name: "openai", kind: .openai, keySource: .credential("openai"), baseURL: "http://localhost:1/v1",
                    place: SourcePlace(file: "DIR/agentd.toml", line: 1, column: 12)))
    }

    @Test func readsEverySetting() throws {
        let providers = try providers(
            """
            [providers.router]
            kind = "openai"
            key_env = "ROUTER_KEY_2"
            base_url = "https://router.example/api/v1/"
            headers = { X-Team = "web", "HTTP-Referer" = "https://x.example/" }
            preset = "openrouter"
            ca_file = "ca.pem"
            proxy = "socks5h://proxy.example:1080/"
            [providers.router.profile]
            max_tokens_field = "max_tokens"
            parallel_calls = false
            temperature = 0.5
            tiny = 1e-7
            stop = ["a", 2, [true]]
            extra = { deep.er = -3, large = 9007199254740993 }
            """, ["ca.pem": "-----BEGIN CERTIFICATE-----"])
        let profile: [String: JSONValue] = [
            "max_tokens_field": .string("max_tokens"), "parallel_calls": .bool(false),
            "temperature": try JSONReader.read("0.5"), "tiny": try JSONReader.read("1e-07"),
            "stop": .array([.string("a"), .number(JSONNumber(2)), .array([.bool(true)])]),
            "extra": .object([
                "deep": .object(["er": .number(JSONNumber(-3))]),
                "large": .number(JSONNumber(9_007_199_254_740_993)),
            ]),
        ]
        #expect(
            providers["router"]
                == ProviderDefinition(
                    name: "router", kind: .openai, keySource: .environment("ROUTER_KEY_2"),
                    baseURL: "https://router.example/api/v1",
                    headers: [
                        .init(name: "HTTP-Referer", value: "https://x.example/"), .init(name: "X-Team", value: "web"),
                    ],
                    preset: "openrouter", profile: profile, caFile: "DIR/ca.pem",
                    proxy: "socks5h://proxy.example:1080",
                    place: SourcePlace(file: "DIR/agentd.toml", line: 3, column: 1)))
    }

    @Test func aKeyFileIsFoundBesideTheConfiguration() throws {
        let text = "[providers.a]\nkind = 'anthropic'\nkey_file = 'keys/a'\n[providers.b]\nkind = 'anthropic'\n"
        let providers = try providers(text + "key_file = '/run/keys/b'")
        #expect(providers["a"]?.keySource == .file("DIR/keys/a"))
        #expect(providers["b"]?.keySource == .file("/run/keys/b"))
        #expect(providers["b"]?.place?.line == 6)
    }

    @Test func withoutAWordTheKeyIsACredentialOfTheProvidersName() throws {
        let providers = try providers("[providers.local]\nkind = 'openai'\n[providers.plays]\nkind = 'script'")
        #expect(providers["local"]?.keySource == .credential("local"))
        #expect(providers["plays"]?.keySource == KeySource.none)
    }

    @Test(arguments: ["http://10.0.0.7:8000/v1", "http://gpu.internal/v1"])
    func plainHTTPLeavesTheMachineOnlyWhenItIsSaid(url: String) throws {
        let text = "[providers.a]\nkind = 'openai'\nbase_url = '\(url)'\n"
        #expect(try providers(text + "allow_http = true")["a"]?.baseURL == url)
        for more in ["", "allow_http = false"] {
            #expect(
                ConfigurationDirectory(["agentd.toml": text + more]).complaints() == [
                    "agentd.toml:3: \"providers.a.base_url\" must be https: the key would cross the network in the "
                        + "clear (allow_http = true permits it)"
                ])
        }
    }

    @Test func aKeyThatIsWrittenInTheWrongPlaceIsNotRepeated() {
        let key = "sk-ant-api03-VeryPrivate"
        let texts = [
            "[providers.a]\nkind = 'openai'\nkey = '\(key)'", "[providers.a]\nkind = 'openai'\napi_key = '\(key)'",
            "[providers.a]\nkind = 'openai'\nkey_env = '\(key)'",
            "[providers.a]\nkind = 'openai'\nkey_env = 'gsk_abcDEF'",
            "[providers.a]\nkind = 'openai'\nbase_url = 'https://u:\(key)@h/v1'",
            "[providers.a]\nkind = 'openai'\nbase_url = 'https://h/v1?key=\(key)'",
            "[providers.a]\nkind = 'openai'\nproxy = 'http://u:\(key)@h:1'",
            "[providers.a]\nkind = 'openai'\nheaders = { Authorization = 'Bearer \(key)' }",
            "[providers.a]\nkind = 'openai'\nheaders = { X-Api-Key = '\(key)' }",
            "[providers.a]\nkind = 'openai'\nheaders = { X-Other = ' \(key)' }",
            "[providers.a]\nkind = 'openai'\ntoken = ['\(key)']",
        ]
        for text in texts {
            let complaints = ConfigurationDirectory(["agentd.toml": text]).complaints()
            #expect(complaints.count == 1 && complaints[0].hasPrefix("agentd.toml:3: "))
            #expect(!complaints.joined().contains("VeryPrivate") && !complaints.joined().contains("gsk_"))
        }
    }

    @Test func pricesAreForModels() throws {
        let directory = ConfigurationDirectory([
            "agentd.toml": """
            [prices."anthropic/claude-x"]
            input = 3
            output = 15.5
            cache_read = 0.3
            cache_write = 0
            [prices]
            "openai/a/b" = { input = 0, output = 1e6 }
            """
        ])
        #expect(
            try directory.load().prices == [
                "anthropic/claude-x": Price(input: 3, output: 15.5, cacheRead: 0.3, cacheWrite: 0),
                "openai/a/b": Price(input: 0, output: 1_000_000),
            ])
    }

    @Test func theWaitsOfARunHaveDefaultsAndCanBeSet() throws {
        let plain = try ConfigurationDirectory(["agentd.toml": ""]).load().run
        #expect(plain.connect == .seconds(10) && plain.firstByte == .seconds(120) && plain.idle == .seconds(60))
        #expect(plain.attempts == 3)
        let said = try ConfigurationDirectory([
            "agentd.toml": "[run]\nconnect_s = 0.25\nfirst_byte_s = 3600\nidle_s = 0.001\nretries = 1"
        ]).load().run
        #expect(said.connect == .milliseconds(250) && said.firstByte == .seconds(3600) && said.idle == .milliseconds(1))
        #expect(said.attempts == 1)
    }

    @Test(arguments: BrokenConfiguration.providers)
    func saysWhereAProviderIsWrong(broken: BrokenConfiguration) {
        #expect(ConfigurationDirectory(["agentd.toml": broken.text]).complaints() == broken.complaints)
    }

    @Test func tooManyHeadersAreTooMany() {
        let headers = (0..<65).map { "X-\($0) = 'x'" }.joined(separator: ", ")
        let text = "[providers.a]\nkind = 'openai'\nheaders = { \(headers) }"
        #expect(ConfigurationDirectory(["agentd.toml": text]).complaints() == ["agentd.toml:3: more than 64 headers"])
    }

    @Test func aProfileIsNotBottomless() {
        let keys = Array(repeating: "a", count: 100).joined(separator: ".")
        let text = "[providers.x]\nkind = 'openai'\nprofile.\(keys) = 1"
        #expect(
            ConfigurationDirectory(["agentd.toml": text]).complaints() == [
                "agentd.toml:3: nested deeper than 64 levels"
            ])
    }
}
