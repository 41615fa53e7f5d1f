import AgentProtocol

extension AgentDefinition {
    /// Reads an agent's file; nil when it names no model. What is wrong is noted as issues.
    init?(_ section: ConfigurationSection, name: AgentName, file: String) {
        section.allow(
            [
                "description", "model", "instructions", "instructions_file", "limits", "history", "history_stopped",
                "on_disconnect",
            ],
            later: ["fallback", "context_schema", "output_schema", "tools", "allow", "team", "profile"])

        let model = Self.readModel(section)
        let limits = Self.readLimits(section)
        let historyTurns = Self.readHistoryTurns(section)
        let instructions = Self.readInstructions(section, file: file)
        let description = section.string("description", maximum: 4096)
        let historyStopped = section.choice("history_stopped", as: StoppedTurnPolicy.self)
        let onDisconnect = section.choice("on_disconnect", as: DisconnectPolicy.self)
        guard let model else { return nil }
        self.init(
            name: name, description: description, provider: model.provider, model: model.model,
            instructions: instructions, limits: limits, historyTurns: historyTurns ?? 20,
            historyStopped: historyStopped, onDisconnect: onDisconnect)
        place = section.place(of: "model")
    }

    private static func readModel(_ section: ConfigurationSection) -> ModelName? {
        guard section.has("model") else {
            section.complain(nil, "\"model\" is missing", hint: "write model = \"PROVIDER/MODEL\"")
            return nil
        }
        guard let text = section.string("model", maximum: 512) else { return nil }
        guard let name = ModelName(text) else {
            section.complain("model", "\"model\" must be \"PROVIDER/MODEL\", not \"\(text)\"")
            return nil
        }
        return name
    }

    private static func readLimits(_ section: ConfigurationSection) -> Limits {
        var limits = Limits()
        guard let section = section.section("limits") else { return limits }
        section.allow(["time_s", "steps"], later: ["tool_calls", "tokens", "cost_usd"])
        if let time = section.seconds("time_s", in: 1...86_400) { limits.time = time }
        if let steps = section.integer("steps", in: 1...1000) { limits.steps = steps }
        return limits
    }

    private static func readHistoryTurns(_ section: ConfigurationSection) -> Int? {
        guard let section = section.section("history") else { return nil }
        section.allow(["turns"])
        return section.integer("turns", in: 0...1000)
    }

    private static func readInstructions(_ section: ConfigurationSection, file: String) -> String? {
        let text = section.string("instructions", mayBeEmpty: true)
        guard let name = section.string("instructions_file", maximum: 4096) else { return text }
        guard !section.has("instructions") else {
            section.complain("instructions_file", "\"instructions\" and \"instructions_file\" exclude each other")
            return nil
        }
        let path = TextFile.path(of: name, beside: file)
        do throws(TextFile.Unreadable) {
            return try TextFile.read(path)
        } catch {
            section.complain("instructions_file", "cannot read \(path): \(error.reason)")
            return nil
        }
    }
}
