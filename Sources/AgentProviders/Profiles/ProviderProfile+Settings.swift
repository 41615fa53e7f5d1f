public import AgentProtocol

extension ProviderProfile {
    /// Takes settings by their keys; nothing is changed when one of them is wrong or unknown. `models` holds settings
    /// for models by the beginning of their names.
    public mutating func apply(_ overrides: JSONObject) throws(ProfileError) {
        var changed = self
        for member in overrides.members where member.name != "models" {
            if let set = ProfileKeys.setter(of: member.name) {
                try set(&changed, member.value)
                changed.forgetInRules(member.name)
            } else {
                throw Self.unknown(member.name, among: ProfileKeys.all.map(\.key) + ["models"])
            }
        }
        if let rules = overrides["models"] { try changed.addRules(rules) }
        self = changed
    }

    /// Takes settings by their keys, in the order of the keys.
    public mutating func apply(_ overrides: [String: JSONValue]) throws(ProfileError) {
        var object = JSONObject()
        for (key, value) in overrides.sorted(by: { $0.key < $1.key }) { object.append(key, value) }
        try apply(object)
    }

    /// What is set for all models is meant for all: a preset's rule may not take it back. Rules that are set with it
    /// are added afterwards.
    private mutating func forgetInRules(_ key: String) {
        for place in models.indices where models[place].settings[key] != nil {
            var kept = JSONObject()
            for member in models[place].settings.members where member.name != key {
                kept.append(member.name, member.value)
            }
            models[place].settings = kept
        }
    }

    private mutating func addRules(_ value: JSONValue) throws(ProfileError) {
        guard let rules = value.object else {
            throw ProfileError(key: "models", "models must be an object of settings by the beginning of a model's name")
        }
        for rule in rules.members {
            guard let settings = rule.value.object, settings["models"] == nil else {
                throw ProfileError(key: "models", "models.\(rule.name) must be an object of settings")
            }
            // Tried now, so that what is wrong is known before a model is asked.
            var tried = self
            do throws(ProfileError) { try tried.apply(settings) } catch {
                throw ProfileError(key: error.key, "models.\(rule.name): \(error.description)")
            }
            models.append(ModelRule(prefix: rule.name.lowercased(), settings: settings))
        }
    }

    private static func unknown(_ key: String, among keys: [String]) -> ProfileError {
        let hint = nearest(to: key, among: keys).map { "; did you mean \"\($0)\"?" } ?? ""
        return ProfileError(key: key, "there is no setting \"\(key)\"\(hint)")
    }

    /// The key with the fewest letters to insert, drop or replace, if they are at most a third.
    private static func nearest(to key: String, among keys: [String]) -> String? {
        let letters = Array(key.utf8)
        guard letters.count <= 64 else { return nil }
        return keys.map { (key: $0, distance: distance(letters, Array($0.utf8))) }
            .filter { $0.distance <= max(1, letters.count / 3) }
            .min { $0.distance < $1.distance }?.key
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
