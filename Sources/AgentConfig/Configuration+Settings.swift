import AgentProtocol

extension Configuration {
    /// Every setting that holds, in the order of the file's tables; those that nobody has said and that have no default
    /// are missing.
    public var settings: [Setting] {
        var list = SettingList(places: places)
        list.add(["version"], .number(JSONNumber(1)))
        list.add(["default_agent"], .string(defaultAgent.text))
        list.add(["socket", "path"], socket.path.map(JSONValue.string))
        list.add(["socket", "mode"], .string(Self.octal(socket.mode)))
        list.add(["socket", "group"], socket.group.map(JSONValue.string))
        list.add(["defaults", "on_disconnect"], .string(defaults.onDisconnect.rawValue))
        list.add(["defaults", "halt_note"], .string(defaults.haltNote))
        list.add(["defaults", "history_stopped"], .string(defaults.historyStopped.rawValue))
        list.add(["run", "stop_grace_s"], Self.seconds(run.stopGrace))
        list.add(["run", "drain_s"], Self.seconds(run.drain))
        list.add(["run", "connect_s"], Self.seconds(run.connect))
        list.add(["run", "first_byte_s"], Self.seconds(run.firstByte))
        list.add(["run", "idle_s"], Self.seconds(run.idle))
        list.add(["run", "retries"], .number(JSONNumber(Int64(run.attempts))))
        list.add(["retention", "days"], retention.days.map { .number(JSONNumber(Int64($0))) })
        list.add(["retention", "bytes"], retention.bytes.map { .number(JSONNumber($0)) })
        for (name, provider) in providers.sorted(by: { $0.key < $1.key }) {
            provider.list(in: &list, at: ["providers", name])
        }
        for (model, price) in prices.sorted(by: { $0.key < $1.key }) { price.list(in: &list, at: ["prices", model]) }
        for (name, agent) in agents.sorted(by: { $0.key.text < $1.key.text }) {
            agent.list(in: &list, at: ["agents", name.text])
        }
        return list.settings
    }

    /// The keys of the settings that two configurations do not have in common, in the order of the first one's, then of
    /// the second one's.
    public static func changes(from old: Configuration, to new: Configuration) -> [[String]] {
        let before = Dictionary(uniqueKeysWithValues: old.settings.map { ($0.key, $0.value) })
        let after = Dictionary(uniqueKeysWithValues: new.settings.map { ($0.key, $0.value) })
        return old.settings.map(\.key).filter { before[$0] != after[$0] }
            + new.settings.map(\.key).filter { before[$0] == nil }
    }

    private static func octal(_ mode: UInt16) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    fileprivate static func seconds(_ time: Duration) -> JSONValue {
        let (seconds, rest) = time.components
        return rest == 0 ? .number(JSONNumber(seconds)) : SettingList.number(time / .seconds(1))
    }
}

/// Collects settings with their places.
private struct SettingList {
    let places: [[String]: SourcePlace]
    private(set) var settings: [Setting] = []

    init(places: [[String]: SourcePlace]) { self.places = places }

    /// Adds a setting that has a value; `source` is the key that has said it where that is another one.
    mutating func add(_ key: [String], _ value: JSONValue?, from source: [String]? = nil) {
        guard let value else { return }
        settings.append(Setting(key: key, value: value, place: places[source ?? key]))
    }

    /// A number with a fraction; the configuration has none that is not finite.
    static func number(_ number: Double) -> JSONValue {
        guard let value = try? JSONReader.read(number.description) else {
            preconditionFailure("\(number) has passed for a setting")
        }
        return value
    }
}

extension ProviderDefinition {
    fileprivate func list(in list: inout SettingList, at path: [String]) {
        list.add(path + ["kind"], .string(kind.rawValue))
        switch keySource {
        case .environment(let variable), .vendor(let variable, _): list.add(path + ["key_env"], .string(variable))
        case .file(let file): list.add(path + ["key_file"], .string(file))
        case .credential(let name): list.add(path + ["credential"], .string(name))
        case .none: break
        }
        list.add(path + ["base_url"], baseURL.map(JSONValue.string))
        for header in headers { list.add(path + ["headers", header.name], .string(header.value)) }
        list.add(path + ["preset"], preset.map(JSONValue.string))
        if !profile.isEmpty {
            var object = JSONObject()
            for (name, value) in profile.sorted(by: { $0.key < $1.key }) { object.append(name, value) }
            list.add(path + ["profile"], .object(object))
        }
        list.add(path + ["ca_file"], caFile.map(JSONValue.string))
        list.add(path + ["proxy"], proxy.map(JSONValue.string))
    }
}

extension Price {
    fileprivate func list(in list: inout SettingList, at path: [String]) {
        list.add(path + ["input"], SettingList.number(input))
        list.add(path + ["output"], SettingList.number(output))
        list.add(path + ["cache_read"], cacheRead.map(SettingList.number))
        list.add(path + ["cache_write"], cacheWrite.map(SettingList.number))
    }
}

extension AgentDefinition {
    fileprivate func list(in list: inout SettingList, at path: [String]) {
        list.add(path + ["description"], description.map(JSONValue.string))
        list.add(path + ["model"], .string("\(provider)/\(model)"))
        let file = path + ["instructions_file"]
        let isInFile = list.places[file] != nil
        list.add(path + ["instructions"], instructions.map(JSONValue.string), from: isInFile ? file : nil)
        list.add(path + ["limits", "time_s"], Configuration.seconds(limits.time))
        list.add(path + ["limits", "steps"], .number(JSONNumber(Int64(limits.steps))))
        list.add(path + ["history", "turns"], .number(JSONNumber(Int64(historyTurns))))
        list.add(path + ["history_stopped"], historyStopped.map { .string($0.rawValue) })
        list.add(path + ["on_disconnect"], onDisconnect.map { .string($0.rawValue) })
    }
}
