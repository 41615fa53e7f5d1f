import AgentProtocol
import TOMLKit

@testable import AgentConfig

/// Any text is a configuration, or is refused with all that is wrong and where; and every key that the parser knows has
/// a place.
enum ConfigTarget {
    private static let path = "fuzz.toml"

    static func check(_ input: UnsafeRawBufferPointer) throws(Finding) {
        // What is no text has been refused when the file was read.
        guard let text = String(validating: input, as: UTF8.self), !input.contains(0) else { return }
        let list = IssueList()
        let file: ConfigurationFile
        do throws(ConfigurationError.Issue) {
            file = try ConfigurationFile(text, path: path)
        } catch { return try checkPlaces([error], text) }

        let section = file.section(reportingTo: list)
        var configuration = Configuration.builtIn
        configuration.read(section)
        let mainIssues = list.issues.count
        let agent = AgentDefinition(section, name: AgentName(trusted: "fuzz"), file: path)
        try Finding.unless(agent != nil || list.issues.count > mainIssues, "no agent without an issue")
        try checkPlaces(list.issues, text)

        let parsed = Result { try TOMLTable(string: text) }
        guard case .success(let table) = parsed else { throw Finding(reason: "what was read can be read again") }
        try checkKeys(table, [], KeyLocator(text))
    }

    /// An issue points into the text.
    private static func checkPlaces(_ issues: [ConfigurationError.Issue], _ text: String) throws(Finding) {
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        for issue in issues {
            try Finding.unless(!issue.file.isEmpty, issue.message)
            try Finding.unless((1...lines).contains(issue.line ?? 1), "line \(issue.line ?? 0) of \(lines): \(issue)")
            try Finding.unless((issue.column ?? 1) >= 1, "a column counted from 1: \(issue)")
        }
    }

    private static func checkKeys(_ table: TOMLTable, _ path: [String], _ locator: KeyLocator) throws(Finding) {
        for key in table.keys {
            let path = path + [key]
            try Finding.unless(locator.position(of: path) != nil, "a place for \(path)")
            if let inner = table[key]?.table { try checkKeys(inner, path, locator) }
        }
    }
}
