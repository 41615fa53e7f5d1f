import AgentProtocol

extension Configuration {
    /// Reads the main file over the built-in configuration; agents are read elsewhere. What is wrong is noted as
    /// issues.
    mutating func read(_ section: ConfigurationSection) {
        section.allow(
            ["version", "default_agent", "socket", "providers", "defaults", "run", "prices", "retention"],
            later: ["wire", "tools", "mcp", "peer", "log"],
            hints: ["agents": "an agent is a file of its own, agents.d/NAME.toml beside this one"])
        readVersion(section)
        readSocket(section)
        readProviders(section)
        readPrices(section)
        readDefaults(section)
        readRun(section)
        readRetention(section)
    }

    private mutating func readRetention(_ section: ConfigurationSection) {
        guard let section = section.section("retention") else { return }
        section.allow(["days", "bytes"])
        retention.days = section.integer("days", in: 1...36_500)
        // Less than this an empty ledger and a few answers have.
        retention.bytes = section.integer("bytes", in: 1 << 20...Int.max).map(Int64.init)
    }

    private func readVersion(_ section: ConfigurationSection) {
        guard let version = section.integer("version", in: 0...Int.max), version != 1 else { return }
        section.complain("version", "this agentd reads version 1, not \(version)")
    }

    private mutating func readSocket(_ section: ConfigurationSection) {
        guard let section = section.section("socket") else { return }
        section.allow(["path", "mode", "group"])
        socket.path = section.string("path", maximum: 4096)
        socket.group = section.string("group", maximum: 256)
        if let mode = section.mode("mode") { socket.mode = mode }
    }

    private mutating func readProviders(_ section: ConfigurationSection) {
        guard let section = section.section("providers") else { return }
        for name in section.keys {
            guard let provider = section.section(name) else { continue }
            if name.isEmpty || name.contains("/") {
                section.complain(name, "a provider's name must not be empty or hold a slash")
            }
            providers[name] = ProviderDefinition(provider, name: name)
        }
    }

    private mutating func readPrices(_ section: ConfigurationSection) {
        guard let section = section.section("prices") else { return }
        for model in section.keys {
            guard let price = section.section(model) else { continue }
            prices[model] = Price(price)
            guard let name = ModelName(model) else {
                section.complain(model, "a price is for \"PROVIDER/MODEL\", not for \"\(model)\"")
                continue
            }
            if providers[name.provider] == nil {
                section.complain(
                    model, "there is no provider \"\(name.provider)\"",
                    hint: KeySuggestion.hint(for: name.provider, among: providers.keys.sorted()))
            }
        }
    }

    private mutating func readDefaults(_ section: ConfigurationSection) {
        guard let section = section.section("defaults") else { return }
        section.allow(["on_disconnect", "halt_note", "history_stopped"], later: ["allow"])
        if let policy = section.choice("on_disconnect", as: DisconnectPolicy.self) { defaults.onDisconnect = policy }
        if let note = section.string("halt_note", mayBeEmpty: true, maximum: 1024) { defaults.haltNote = note }
        if let policy = section.choice("history_stopped", as: StoppedTurnPolicy.self) {
            defaults.historyStopped = policy
        }
    }

    private mutating func readRun(_ section: ConfigurationSection) {
        guard let section = section.section("run") else { return }
        section.allow(["stop_grace_s", "drain_s", "connect_s", "first_byte_s", "idle_s", "retries"])
        if let grace = section.seconds("stop_grace_s", in: 0...300) { run.stopGrace = grace }
        if let drain = section.seconds("drain_s", in: 0...3600) { run.drain = drain }
        if let connect = section.deadline("connect_s", upTo: 300) { run.connect = connect }
        if let firstByte = section.deadline("first_byte_s", upTo: 3600) { run.firstByte = firstByte }
        if let idle = section.deadline("idle_s", upTo: 3600) { run.idle = idle }
        if let attempts = section.integer("retries", in: 1...10) { run.attempts = attempts }
    }
}
