extension BrokenConfiguration {
    /// A provider of kind `openai` with one line more, the third of its file.
    private static func provider(_ line: String, _ complaint: String) -> BrokenConfiguration {
        .init("[providers.a]\nkind = 'openai'\n\(line)", "agentd.toml:3: \(complaint)")
    }

    private static let keyHint =
        "(a key is not written here; name its variable with key_env, or its file with key_file)"
    private static let variableHint =
        #"(the key itself does not belong in this file; write key_env = "OPENAI_API_KEY")"#
    private static let userHint = "(name a key with key_env or key_file)"
    private static let headerHint = "(name the key's variable with key_env, or its file with key_file)"

    /// Mistakes in `agentd.toml` that concern providers, prices, and how long they are waited for.
    static let providers: [BrokenConfiguration] =
        kinds + keys + addresses + headers + files + profiles + prices + waits

    private static let kinds: [BrokenConfiguration] = [
        .init(
            "[providers.x]",
            #"agentd.toml:1: "kind" is missing (write kind = "openai", "anthropic" or "script")"#),
        .init("[providers.x]\nkind = 3", #"agentd.toml:2: "providers.x.kind" must be a string, not an integer"#),
        .init("[providers.x]\nkind = 'scrypt'", #"agentd.toml:2: unknown kind "scrypt" (did you mean "script"?)"#),
        .init("[providers.x]\nkind = 'OpenAi'", #"agentd.toml:2: unknown kind "OpenAi" (did you mean "openai"?)"#),
        .init(
            "[providers.x]\nkind = 'antropic'", #"agentd.toml:2: unknown kind "antropic" (did you mean "anthropic"?)"#),
        .init("[providers.x]\nkind = 'vllm'", #"agentd.toml:2: unknown kind "vllm""#),
        .init(
            "[providers.x]\nkind = 'ollama'",
            #"agentd.toml:2: providers of kind "ollama" are not supported by this version"#),
        .init(
            "[providers.x]\nkind = 'openai-responses'",
            #"agentd.toml:2: providers of kind "openai-responses" are not supported by this version"#),
        .init(
            "[providers.x]\nkind = 'script'\nkey_env = 'KEY'\nbase_url = 'http://h'",
            #"agentd.toml:4: "providers.x.base_url" means nothing to a provider of kind "script""#,
            #"agentd.toml:3: "providers.x.key_env" means nothing to a provider of kind "script""#),
        provider(
            "base-url = 'https://h'", #"unknown key "providers.a.base-url" (did you mean "base_url"?)"#),
        provider("organization = 'x'", #"unknown key "providers.a.organization""#),
        provider("project = 'x'", #"unknown key "providers.a.project""#),
    ]

    private static let keys: [BrokenConfiguration] = [
        provider("key = 'sk-1'", #"unknown key "providers.a.key" \#(keyHint)"#),
        provider("api_key = 'sk-1'", #"unknown key "providers.a.api_key" \#(keyHint)"#),
        provider("apikey = 1", #"unknown key "providers.a.apikey" \#(keyHint)"#),
        provider("token = 'sk-1'", #"unknown key "providers.a.token" \#(keyHint)"#),
        provider(
            "key_env = 'A'\nkey_file = 'b'", #""key_env" and "key_file" exclude each other"#
        ).at(line: 4),
        provider("key_env = ''", #""providers.a.key_env" must not be empty"#),
        provider("key_env = ['A']", #""providers.a.key_env" must be a string, not an array"#),
        provider(
            "key_env = 'sk-proj-1'",
            #""providers.a.key_env" must be a variable's name: A-Z, 0-9 and _ \#(variableHint)"#),
        provider(
            "key_env = '$OPENAI_API_KEY'",
            #""providers.a.key_env" must be a variable's name: A-Z, 0-9 and _ \#(variableHint)"#),
        provider(
            "key_env = '1KEY'",
            #""providers.a.key_env" must be a variable's name: A-Z, 0-9 and _ \#(variableHint)"#),
        provider("key_file = ''", #""providers.a.key_file" must not be empty"#),
        provider("key_file = true", #""providers.a.key_file" must be a string, not a boolean"#),
    ]

    private static let addresses: [BrokenConfiguration] = [
        provider("base_url = ''", #""providers.a.base_url" must not be empty"#),
        provider(
            "base_url = 'api.openai.com/v1'", #""providers.a.base_url" must begin with https:// or http://"#),
        provider("base_url = 'ftp://h/v1'", #""providers.a.base_url" must begin with https:// or http://"#),
        provider("base_url = 'https:///v1'", #""providers.a.base_url" must have a host after ://"#),
        provider(
            "base_url = 'https://u:p@h/v1'",
            #""providers.a.base_url" must not hold a user or password \#(userHint)"#),
        provider("base_url = 'https://h/v1?a=b'", #""providers.a.base_url" must not have a query"#),
        provider("base_url = 'https://h/v1#x'", #""providers.a.base_url" must not have a fragment"#),
        provider(
            "base_url = 'https://h:99999/v1'",
            #""providers.a.base_url" must have a port between 1 and 65535 after the host, or none"#),
        provider(
            #"base_url = "https://h/v1\r\nX: 1""#,
            #""providers.a.base_url" holds a character that an address cannot have (write it as %XX)"#),
        provider(
            "base_url = 'http://h/v1'",
            #""providers.a.base_url" must be https: the key would cross the network in the clear (allow_http = true permits it)"#
        ),
        provider("allow_http = 'yes'", #""providers.a.allow_http" must be true or false, not a string"#),
        provider(
            "proxy = 'http://proxy.example'",
            #""providers.a.proxy" must be a host and a port (write proxy = "http://proxy.example:3128")"#),
        provider(
            "proxy = 'http://proxy.example:1/x'",
            #""providers.a.proxy" must be a host and a port (write proxy = "http://proxy.example:3128")"#),
        provider(
            "proxy = 'http://u:p@h:1'", #""providers.a.proxy" must not hold a user or password \#(userHint)"#),
        provider(
            "proxy = 'proxy.example:3128'",
            #""providers.a.proxy" must begin with http:// or https:// or socks5:// or socks5h://"#),
    ]

    private static let headers: [BrokenConfiguration] = [
        provider("headers = ['X: 1']", #""providers.a.headers" must be a table, not an array"#),
        provider("headers = { Authorization = 'x' }", #"header "Authorization" is not written here \#(headerHint)"#),
        provider("headers = { x-api-key = 'x' }", #"header "x-api-key" is not written here \#(headerHint)"#),
        provider(
            "headers = { Host = 'x' }",
            #"header "Host" is not written here (base_url names the host, key_env the key)"#),
        provider(
            "headers = { Content-Type = 'x' }",
            #"header "Content-Type" is not written here (agentd writes it itself)"#),
        provider(
            "headers = { content-length = '1' }",
            #"header "content-length" is not written here (agentd writes it itself)"#),
        provider(
            "headers = { 'X Team' = 'x' }", #""X Team" is not a header's name (letters, digits and -)"#),
        provider(
            #"headers = { X-Team = "a\r\nX-Evil: 1" }"#,
            #""providers.a.headers.X-Team" must be printable ASCII, without space at its ends"#),
        provider(
            "headers = { X-Team = 'ö' }",
            #""providers.a.headers.X-Team" must be printable ASCII, without space at its ends"#),
        provider("headers = { X-Team = 3 }", #""providers.a.headers.X-Team" must be a string, not an integer"#),
        provider("headers = { X-Team = '' }", #""providers.a.headers.X-Team" must not be empty"#),
        provider(
            "headers = { X-Team = 'a', x-team = 'b' }",
            #"header "x-team" is there twice (capitals make no difference)"#),
    ]

    private static let files: [BrokenConfiguration] = [
        provider("ca_file = 'gone.pem'", "cannot read gone.pem: No such file or directory"),
        provider("ca_file = 'agents.d'", "cannot read agents.d: not a regular file"),
        provider("ca_file = ''", #""providers.a.ca_file" must not be empty"#),
    ]

    private static let profiles: [BrokenConfiguration] = [
        provider("preset = {}", #""providers.a.preset" must be a string, not a table"#),
        provider("profile = 'openrouter'", #""providers.a.profile" must be a table, not a string"#),
        provider(
            "profile = { since = 2024-01-01 }", "dates and times have no place here (write a string)"),
        provider("profile = { a = { b = nan } }", "nan is not a number that can be sent"),
        provider(
            "[providers.a.profile]\nx = 1\nlist = [1, inf]", "inf is not a number that can be sent"
        ).at(line: 5),
    ]

    private static let prices: [BrokenConfiguration] = [
        .init(
            "[prices.'openai/a']\ninput = 1",
            #"agentd.toml:1: "output" is missing (in USD per million tokens)"#),
        .init(
            "[prices.'openai/a']\ninput = -1\noutput = 0",
            #"agentd.toml:2: "prices.openai/a.input" must be between 0 and 1000000, not -1"#),
        .init(
            "[prices.'openai/a']\ninput = nan\noutput = inf",
            #"agentd.toml:2: "prices.openai/a.input" must be between 0 and 1000000, not nan"#),
        .init(
            "[prices.'openai/a']\ninput = 1\noutput = 1\ncache_read = '1'",
            #"agentd.toml:4: "prices.openai/a.cache_read" must be a number, not a string"#),
        .init(
            "[prices.'openai/a']\ninput = 1\noutput = 1\ncached = 1",
            #"agentd.toml:4: unknown key "prices.openai/a.cached""#),
        .init(
            "[prices.claude]\ninput = 1\noutput = 1",
            #"agentd.toml:1: a price is for "PROVIDER/MODEL", not for "claude""#),
        .init(
            "[prices.'opnai/a']\ninput = 1\noutput = 1",
            #"agentd.toml:1: there is no provider "opnai" (did you mean "openai"?)"#),
        .init("[prices]\n'openai/a' = 3", #"agentd.toml:2: "prices.openai/a" must be a table, not an integer"#),
    ]

    private static let waits: [BrokenConfiguration] = [
        .init("[run]\nconnect_s = 0", #"agentd.toml:2: "run.connect_s" must be at least 0.001"#),
        .init("[run]\nconnect_s = 301", #"agentd.toml:2: "run.connect_s" must be between 0 and 300, not 301"#),
        .init("[run]\nfirst_byte_s = 1e-9", #"agentd.toml:2: "run.first_byte_s" must be at least 0.001"#),
        .init(
            "[run]\nfirst_byte_s = '2m'",
            #"agentd.toml:2: "run.first_byte_s" must be a number of seconds, not a string"#),
        .init("[run]\nidle_s = inf", #"agentd.toml:2: "run.idle_s" must be between 0 and 3600, not inf"#),
        .init("[run]\nretries = 0", #"agentd.toml:2: "run.retries" must be between 1 and 10, not 0"#),
        .init("[run]\nretries = 11", #"agentd.toml:2: "run.retries" must be between 1 and 10, not 11"#),
        .init(
            "[run]\nretries = 1.5",
            #"agentd.toml:2: "run.retries" must be an integer, not a number with a fraction"#),
        .init("[run]\nidle = 1", #"agentd.toml:2: unknown key "run.idle" (did you mean "idle_s"?)"#),
    ]

    /// The same with its complaints at another line.
    private func at(line: Int) -> BrokenConfiguration {
        BrokenConfiguration(text: text, complaints: complaints.map { $0.replacing("toml:3:", with: "toml:\(line):") })
    }
}
