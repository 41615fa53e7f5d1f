import AgentProtocol
import AgentTestKit

/// Judges values by a published schema: as much of JSON Schema 2020-12 as ours use, and nothing is skipped in silence.
struct JSONSchema {
    /// The whole document.
    let root: JSONObject

    /// Reads a schema of `docs/`.
    init(_ name: String) throws {
        root = try JSONReader.read(TemporaryDirectory.bytes(of: Checkout.file("docs/\(name)"))).object ?? [:]
    }

    /// What is wrong with a value; nothing when it is valid.
    func complaints(_ value: JSONValue) -> [String] { complaints(value, root, at: "") }

    /// A schema, where it stands or where it points to.
    func resolved(_ schema: JSONObject) -> JSONObject {
        guard let reference = schema["$ref"]?.string else { return schema }
        return root["$defs"]?.object?[String(reference.split(separator: "/").last ?? "")]?.object ?? [:]
    }

    private func complaints(_ value: JSONValue, _ schema: JSONObject, at place: String) -> [String] {
        var list: [String] = []
        for member in schema.members {
            let text = complaint(value, member.name, member.value, of: schema, at: place)
            list += text
        }
        return list
    }

    private func complaint(
        _ value: JSONValue, _ keyword: String, _ operand: JSONValue, of schema: JSONObject, at place: String
    ) -> [String] {
        func unless(_ isValid: Bool) -> [String] { isValid ? [] : ["\(place): \(keyword)"] }
        switch keyword {
        case "$schema", "$id", "$defs", "title", "description", "default", "then": return []
        case "$ref": return complaints(value, resolved(schema), at: place)
        case "type": return unless(Self.type(of: value, is: operand.string ?? ""))
        case "const": return unless(value == operand)
        case "enum": return unless(operand.array?.contains(value) == true)
        case "minimum": return unless(value.double.map { $0 >= operand.double! } ?? true)
        case "maximum": return unless(value.double.map { $0 <= operand.double! } ?? true)
        case "minLength": return unless(value.string.map { Int64($0.utf8.count) >= operand.int64! } ?? true)
        case "maxLength": return unless(value.string.map { Int64($0.utf8.count) <= operand.int64! } ?? true)
        case "maxProperties": return unless(value.object.map { Int64($0.members.count) <= operand.int64! } ?? true)
        case "pattern": return unless(value.string.map { Self.matches($0, operand.string!) } ?? true)
        case "required": return unless(Self.has(value, all: operand))
        case "not": return unless(!complaints(value, operand.object!, at: place).isEmpty)
        case "if":
            guard complaints(value, operand.object!, at: place).isEmpty, let then = schema["then"]?.object else {
                return []
            }
            return complaints(value, then, at: place)
        case "propertyNames":
            return (value.object?.members ?? []).flatMap {
                complaints(.string($0.name), operand.object!, at: "\(place).\($0.name)")
            }
        case "properties", "patternProperties", "additionalProperties":
            return (value.object?.members ?? []).flatMap { member in
                memberComplaints(member, keyword, operand, of: schema, at: "\(place).\(member.name)")
            }
        default: return ["\(place): nobody here knows \(keyword)"]
        }
    }

    private func memberComplaints(
        _ member: JSONObject.Member, _ keyword: String, _ operand: JSONValue, of schema: JSONObject, at place: String
    ) -> [String] {
        let own = schema["properties"]?.object?[member.name]?.object
        let patterns = (schema["patternProperties"]?.object?.members ?? []).filter {
            Self.matches(member.name, $0.name)
        }
        switch keyword {
        case "properties": return own.map { complaints(member.value, $0, at: place) } ?? []
        case "patternProperties": return patterns.flatMap { complaints(member.value, $0.value.object!, at: place) }
        default:
            guard own == nil, patterns.isEmpty else { return [] }
            return operand.object.map { complaints(member.value, $0, at: place) } ?? ["\(place): is not known"]
        }
    }

    private static func has(_ value: JSONValue, all names: JSONValue) -> Bool {
        guard let object = value.object else { return true }
        return names.array!.allSatisfy { object[$0.string!] != nil }
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        do { return try Regex(pattern).firstMatch(in: text) != nil } catch {
            preconditionFailure("\(pattern): \(error)")
        }
    }

    private static func type(of value: JSONValue, is name: String) -> Bool {
        switch value {
        case .object: name == "object"
        case .array: name == "array"
        case .string: name == "string"
        case .bool: name == "boolean"
        case .null: name == "null"
        case .number(let number): name == "number" || (name == "integer" && Int64(number.text) != nil)
        }
    }
}

extension JSONValue {
    /// A number, as far as a double goes.
    var double: Double? { if case .number(let number) = self { Double(number.text) } else { nil } }
}
