import TOMLKit

/// One table of a configuration file, read key by key.
///
/// A value that is missing is nil; one of the wrong type or out of range is nil too, and noted as an issue with its
/// place, so reading goes on and finds the other ones.
struct ConfigurationSection {
    /// The table itself.
    let table: TOMLTable
    private let path: [String]
    private let file: ConfigurationFile
    private let list: IssueList

    /// A table at a path of keys in a file.
    init(table: TOMLTable, path: [String], file: ConfigurationFile, list: IssueList) {
        self.table = table
        self.path = path
        self.file = file
        self.list = list
    }

    /// The keys that are there, sorted.
    var keys: [String] { table.keys.sorted() }

    /// Whether there is a value, of whatever type.
    func has(_ key: String) -> Bool { table[key] != nil }

    /// Notes an issue at a key, or at the table itself.
    func complain(_ key: String?, _ message: String, hint: String? = nil) {
        complain(at: key.map { [$0] } ?? [], message, hint: hint)
    }

    /// Notes an issue further inside, where the keys lead.
    func complain(at keys: [String], _ message: String, hint: String? = nil) {
        list.add(file.place(of: path + keys).issue(message, hint: hint))
    }

    /// The place of a key that is there, or of the table itself.
    func place(of key: String? = nil) -> SourcePlace { file.place(of: path + (key.map { [$0] } ?? [])) }

    /// Notes every key that is neither known nor planned.
    func allow(_ known: [String], later: [String] = [], hints: [String: String] = [:]) {
        list.note(file.address + path, mayHold: known)
        for key in keys where !known.contains(key) {
            if later.contains(key) {
                complain(key, "\(quoted(key)) is not supported by this version")
            } else {
                complain(
                    key, "unknown key \(quoted(key))", hint: hints[key] ?? KeySuggestion.hint(for: key, among: known))
            }
        }
    }

    /// A table inside.
    func section(_ key: String) -> ConfigurationSection? {
        value(key, "a table", of: \.table).map {
            ConfigurationSection(table: $0, path: path + [key], file: file, list: list)
        }
    }

    /// A string of at most `maximum` bytes.
    func string(_ key: String, mayBeEmpty: Bool = false, maximum: Int = TextFile.limit) -> String? {
        guard let text = value(key, "a string", of: \.string) else { return nil }
        guard mayBeEmpty || !text.isEmpty else {
            complain(key, "\(quoted(key)) must not be empty")
            return nil
        }
        guard text.utf8.count <= maximum else {
            complain(key, "\(quoted(key)) must not be longer than \(maximum) bytes")
            return nil
        }
        return text
    }

    /// A whole number in a range.
    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let number = value(key, "an integer", of: \.int) else { return nil }
        guard range.contains(number) else {
            complain(
                key, "\(quoted(key)) must be between \(range.lowerBound) and \(range.upperBound), not \(number)")
            return nil
        }
        return number
    }

    /// A number of seconds in a range, whole or with a fraction.
    func seconds(_ key: String, in range: ClosedRange<Int>) -> Duration? {
        if table[key]?.type == .int { return integer(key, in: range).map { .seconds($0) } }
        return number(key, in: range, "a number of seconds").map { .seconds($0) }
    }

    /// How long something is waited for: a number of seconds of which a millisecond is left.
    func deadline(_ key: String, upTo maximum: Int) -> Duration? {
        guard let time = seconds(key, in: 0...maximum) else { return nil }
        guard time >= .milliseconds(1) else {
            complain(key, "\(quoted(key)) must be at least 0.001")
            return nil
        }
        return time
    }

    /// A number in a range, whole or with a fraction.
    func number(_ key: String, in range: ClosedRange<Int>, _ expected: String = "a number") -> Double? {
        if table[key]?.type == .int { return integer(key, in: range).map { Double($0) } }
        guard let number = value(key, expected, of: \.double) else { return nil }
        // Also keeps out infinity and what is not a number, which TOML can write.
        guard number >= Double(range.lowerBound), number <= Double(range.upperBound) else {
            complain(
                key, "\(quoted(key)) must be between \(range.lowerBound) and \(range.upperBound), not \(number)")
            return nil
        }
        return number
    }

    /// `true` or `false`.
    func boolean(_ key: String) -> Bool? { value(key, "true or false", of: \.bool) }

    /// The path of a file; a relative one begins at the configuration.
    func path(_ key: String) -> String? {
        string(key, maximum: 4096).map { TextFile.path(of: $0, beside: file.path) }
    }

    /// The address of a server.
    func url(_ key: String, schemes: [String]) -> ServiceURL? {
        guard let text = string(key, maximum: 2048) else { return nil }
        do throws(ServiceURL.Objection) {
            return try ServiceURL(text, schemes: schemes)
        } catch {
            complain(key, "\(quoted(key)) \(error.message)", hint: error.hint)
            return nil
        }
    }

    /// One of a few words.
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, as type: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let word = string(key) else { return nil }
        if let choice = Choice(rawValue: word) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        complain(
            key, "\(quoted(key)) must be \(Self.alternatives(words)), not \"\(word)\"",
            hint: KeySuggestion.hint(for: word, among: words))
        return nil
    }

    /// Permission bits, written as a string of octal digits: TOML has no number that begins with a zero.
    func mode(_ key: String) -> UInt16? {
        guard let text = value(key, "a string of octal digits", of: \.string, hint: "write \"0660\"") else {
            return nil
        }
        let isOctal = (3...4).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x37).contains($0) }
        guard isOctal, let bits = UInt16(text, radix: 8), bits <= 0o777 else {
            complain(
                key, "\(quoted(key)) must be octal digits up to 0777, not \"\(text)\"", hint: "write \"0660\"")
            return nil
        }
        return bits
    }

    private func value<Value>(
        _ key: String, _ expected: String, of view: (any TOMLValueConvertible) -> Value?, hint: String? = nil
    ) -> Value? {
        guard let value = table[key] else { return nil }
        if let result = view(value) {
            list.note(file.address + path + [key], at: place(of: key))
            return result
        }
        complain(key, "\(quoted(key)) must be \(expected), not \(Self.noun(of: value.type))", hint: hint)
        return nil
    }

    /// The key with the tables above it, as a person would say it.
    func quoted(_ key: String) -> String { "\"\((path + [key]).joined(separator: "."))\"" }

    private static func alternatives(_ words: [String]) -> String {
        let quoted = words.map { "\"\($0)\"" }
        guard quoted.count > 1, let last = quoted.last else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }

    private static func noun(of type: TOMLType) -> String {
        switch type {
        case .table: "a table"
        case .array: "an array"
        case .string: "a string"
        case .int: "an integer"
        case .double: "a number with a fraction"
        case .bool: "a boolean"
        case .date, .time, .dateTime: "a date or time"
        }
    }
}
