import Testing

/// A file with a mistake, and what the operator is told about it.
struct BrokenConfiguration: Sendable, CustomTestStringConvertible {
    let text: String
    let complaints: [String]

    init(text: String, complaints: [String]) {
        self.text = text
        self.complaints = complaints
    }

    init(_ text: String, _ complaints: String...) { self.init(text: text, complaints: complaints) }

    var testDescription: String { complaints.first ?? text }
}

extension BrokenConfiguration {
    /// Mistakes in `agentd.toml`.
    static let mainFiles: [BrokenConfiguration] = [
        // Keys
        .init("sokcet = {}", #"agentd.toml:1: unknown key "sokcet" (did you mean "socket"?)"#),
        .init("\n\nverison = 1\n", #"agentd.toml:3: unknown key "verison" (did you mean "version"?)"#),
        .init("colour = 'red'", #"agentd.toml:1: unknown key "colour""#),
        .init(
            "version = 1\n[socket]\nmod = '0660'", #"agentd.toml:3: unknown key "socket.mod" (did you mean "mode"?)"#),
        .init("socket = { mod = '0660' }", #"agentd.toml:1: unknown key "socket.mod" (did you mean "mode"?)"#),
        .init("version = 1\nsocket.gruop = 'w'", #"agentd.toml:2: unknown key "socket.gruop" (did you mean "group"?)"#),
        .init(
            "# comment [run]\n[run]\n\"drain\" = 3",
            #"agentd.toml:3: unknown key "run.drain" (did you mean "drain_s"?)"#
        ),
        .init(
            "[defaults]\nhalt_note = '''\n[run]\nnope = 1\n'''\n'halt-note' = ''",
            #"agentd.toml:6: unknown key "defaults.halt-note" (did you mean "halt_note"?)"#),
        .init(
            "[agents.support]\nmodel = 'script/demo'",
            #"agentd.toml:1: unknown key "agents" (an agent is a file of its own, agents.d/NAME.toml beside this one)"#),

        // What a later version will have
        .init("[wire]\nline_bytes = 1", #"agentd.toml:1: "wire" is not supported by this version"#),
        .init(
            "[defaults]\non_disconnect = 'stop'\nallow = [\n'tools']",
            #"agentd.toml:3: "defaults.allow" is not supported by this version"#),
        .init("[tools.search]\nkind = 'http'", #"agentd.toml:1: "tools" is not supported by this version"#),
        .init("mcp = {}", #"agentd.toml:1: "mcp" is not supported by this version"#),

        // Types
        .init("default_agent = 3", #"agentd.toml:1: "default_agent" must be a string, not an integer"#),
        .init("socket = 'x'", #"agentd.toml:1: "socket" must be a table, not a string"#),
        .init("version = '1'", #"agentd.toml:1: "version" must be an integer, not a string"#),
        .init("version = 1.0", #"agentd.toml:1: "version" must be an integer, not a number with a fraction"#),
        .init(
            "[run]\nstop_grace_s = true",
            #"agentd.toml:2: "run.stop_grace_s" must be a number of seconds, not a boolean"#
        ),
        .init("defaults = [1]", #"agentd.toml:1: "defaults" must be a table, not an array"#),
        .init("[socket]\ngroup = 1979-05-27", #"agentd.toml:2: "socket.group" must be a string, not a date or time"#),
        .init("[[run]]\ndrain_s = 3", #"agentd.toml:1: "run" must be a table, not an array"#),
        .init("providers.x = 3", #"agentd.toml:1: "providers.x" must be a table, not an integer"#),

        // Values
        .init("version = 2", "agentd.toml:1: this agentd reads version 1, not 2"),
        .init(
            "[socket]\nmode = 660",
            #"agentd.toml:2: "socket.mode" must be a string of octal digits, not an integer (write "0660")"#),
        .init(
            "[socket]\nmode = '0880'",
            #"agentd.toml:2: "socket.mode" must be octal digits up to 0777, not "0880" (write "0660")"#),
        .init(
            "[socket]\nmode = '1777'",
            #"agentd.toml:2: "socket.mode" must be octal digits up to 0777, not "1777" (write "0660")"#),
        .init("[socket]\npath = ''", #"agentd.toml:2: "socket.path" must not be empty"#),
        .init("[retention]\ndays = 0", #"agentd.toml:2: "retention.days" must be between 1 and 36500, not 0"#),
        .init(
            "[retention]\nbyte = 1\n",
            #"agentd.toml:2: unknown key "retention.byte" (did you mean "bytes"?)"#),
        .init("[run]\ndrain_s = 3601", #"agentd.toml:2: "run.drain_s" must be between 0 and 3600, not 3601"#),
        .init("[run]\ndrain_s = -0.5", #"agentd.toml:2: "run.drain_s" must be between 0 and 3600, not -0.5"#),
        .init("[run]\ndrain_s = nan", #"agentd.toml:2: "run.drain_s" must be between 0 and 3600, not nan"#),
        .init("[run]\ndrain_s = inf", #"agentd.toml:2: "run.drain_s" must be between 0 and 3600, not inf"#),
        .init(
            "[defaults]\non_disconnect = 'contineu'",
            #"agentd.toml:2: "defaults.on_disconnect" must be "stop" or "continue", not "contineu" (did you mean "continue"?)"#
        ),
        .init(
            "[defaults]\nhistory_stopped = 'hide'",
            #"agentd.toml:2: "defaults.history_stopped" must be "note", "plain" or "exclude", not "hide""#),
        .init(
            "[defaults]\nhalt_note = '\(String(repeating: "x", count: 1025))'",
            #"agentd.toml:2: "defaults.halt_note" must not be longer than 1024 bytes"#),
        .init(
            "default_agent = 'dmeo'", #"agentd.toml:1: there is no agent "dmeo" (did you mean "demo"?)"#),
        .init(
            "[providers.'a/b']\nkind = 'script'",
            "agentd.toml:1: a provider's name must not be empty or hold a slash"),

        // All at once, in the order of the keys
        .init(
            "version = 3\nsocket = 1\nnew = 1\n[run]\ndrain_s = ''",
            #"agentd.toml:3: unknown key "new""#, "agentd.toml:1: this agentd reads version 1, not 3",
            #"agentd.toml:2: "socket" must be a table, not an integer"#,
            #"agentd.toml:5: "run.drain_s" must be a number of seconds, not a string"#),
    ]

    /// Mistakes in `agents.d/support.toml`.
    static let agentFiles: [BrokenConfiguration] = [
        .init("", #"agents.d/support.toml: "model" is missing (write model = "PROVIDER/MODEL")"#),
        .init("model = 'demo'", #"agents.d/support.toml:1: "model" must be "PROVIDER/MODEL", not "demo""#),
        .init("model = '/demo'", #"agents.d/support.toml:1: "model" must be "PROVIDER/MODEL", not "/demo""#),
        .init("model = 'script/'", #"agents.d/support.toml:1: "model" must be "PROVIDER/MODEL", not "script/""#),
        .init("\nmodel = ['a/b']", #"agents.d/support.toml:2: "model" must be a string, not an array"#),
        .init(
            "model = 'scirpt/demo'",
            #"agents.d/support.toml:1: there is no provider "scirpt" (did you mean "script"?)"#),
        .init(
            "model = 'script/a'\nmodle = 1",
            #"agents.d/support.toml:2: unknown key "modle" (did you mean "model"?)"#),
        .init(
            "model = 'script/a'\nlimits = { time_s = 0, steps = 2000 }",
            #"agents.d/support.toml:2: "limits.time_s" must be between 1 and 86400, not 0"#,
            #"agents.d/support.toml:2: "limits.steps" must be between 1 and 1000, not 2000"#),
        .init(
            "model = 'script/a'\n[limits]\ntokens = 1",
            #"agents.d/support.toml:3: "limits.tokens" is not supported by this version"#),
        .init(
            "model = 'script/a'\nhistory.turns = -1",
            #"agents.d/support.toml:2: "history.turns" must be between 0 and 1000, not -1"#),
        .init(
            "model = 'script/a'\n[tools.search]\nkind = 'http'\n[context_schema]\ntype = 'object'",
            #"agents.d/support.toml:4: "context_schema" is not supported by this version"#,
            #"agents.d/support.toml:2: "tools" is not supported by this version"#),
        .init(
            "model = 'script/a'\nfallback = { models = [] }",
            #"agents.d/support.toml:2: "fallback" is not supported by this version"#),
        .init(
            "model = 'script/a'\non_disconnect = 1",
            #"agents.d/support.toml:2: "on_disconnect" must be a string, not an integer"#),
        .init(
            "model = 'script/a'\ninstructions = 'x'\ninstructions_file = 'y'",
            #"agents.d/support.toml:3: "instructions" and "instructions_file" exclude each other"#),
        .init(
            "model = 'script/a'\ninstructions_file = 'gone.md'",
            "agents.d/support.toml:2: cannot read agents.d/gone.md: No such file or directory"),
        .init(
            "model = 'script/a'\ninstructions_file = '/dev/zero'",
            "agents.d/support.toml:2: cannot read /dev/zero: not a regular file"),
    ]
}
