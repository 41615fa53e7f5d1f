import TOMLKit

/// One TOML file, parsed, with the places of its keys.
struct ConfigurationFile {
    /// The file, as it was named.
    let path: String
    /// What leads to its settings among those of all files: nothing for the main file, `agents` and a name for an agent.
    let address: [String]
    private let root: TOMLTable
    private let locator: KeyLocator

    /// Reads and parses a file.
    ///
    /// - Throws: the one issue that keeps it from being read at all: no such file, too large, not TOML.
    init(path: String, address: [String] = []) throws(ConfigurationError.Issue) {
        let text: String
        do throws(TextFile.Unreadable) {
            text = try TextFile.read(path)
        } catch {
            throw ConfigurationError.Issue(file: path, message: error.reason)
        }
        try self.init(text, path: path, address: address)
    }

    /// Parses a file's text.
    init(_ text: String, path: String, address: [String] = []) throws(ConfigurationError.Issue) {
        if let trap = ParserTrap.find(in: text) {
            throw ConfigurationError.Issue(
                file: path, line: trap.place.line, column: trap.place.column, message: trap.message)
        }
        do {
            root = try TOMLTable(string: text)
        } catch {
            let syntax = error as? TOMLParseError
            throw ConfigurationError.Issue(
                file: path, line: syntax?.source.begin.line, column: syntax?.source.begin.column,
                message: syntax?.description ?? "not TOML")
        }
        self.path = path
        self.address = address
        locator = KeyLocator(text)
    }

    /// The file's outermost table.
    func section(reportingTo list: IssueList) -> ConfigurationSection {
        ConfigurationSection(table: root, path: [], file: self, list: list)
    }

    /// The place of a key; the file as a whole with an empty path.
    func place(of path: [String]) -> SourcePlace {
        let position = locator.position(of: path)
        return SourcePlace(file: self.path, line: position?.line, column: position?.column)
    }
}
