import AgentProtocol
import TOMLKit

extension ConfigurationSection {
    /// Every member of this table as a JSON value, for settings that another room understands; those that JSON cannot
    /// say are noted as issues.
    func jsonMembers() -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for key in keys { members[key] = table[key].flatMap { json($0, at: [key], depth: 1) } }
        return members
    }

    /// One value; `keys` leads to it, and elements of an array share the array's.
    private func json(_ value: any TOMLValueConvertible, at keys: [String], depth: Int) -> JSONValue? {
        guard depth < Limits.jsonDepth else {
            complain(at: keys, "nested deeper than \(Limits.jsonDepth) levels")
            return nil
        }
        if let text = value.string { return .string(text) }
        if let number = value.int { return .number(JSONNumber(Int64(number))) }
        if let number = value.double { return json(number, at: keys) }
        if let isTrue = value.bool { return .bool(isTrue) }
        if let array = value.array {
            return .array(array.compactMap { json($0, at: keys, depth: depth + 1) })
        }
        guard let table = value.table else {
            complain(at: keys, "dates and times have no place here", hint: "write a string")
            return nil
        }
        var object = JSONObject()
        for key in table.keys.sorted() {
            guard let member = table[key].flatMap({ json($0, at: keys + [key], depth: depth + 1) }) else { continue }
            object.append(key, member)
        }
        return .object(object)
    }

    private func json(_ number: Double, at keys: [String]) -> JSONValue? {
        guard number.isFinite, let value = try? JSONReader.read(number.description) else {
            complain(at: keys, "\(number) is not a number that can be sent")
            return nil
        }
        return value
    }
}
