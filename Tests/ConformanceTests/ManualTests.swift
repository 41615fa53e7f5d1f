import AgentProtocol
import AgentTestKit
import Glibc
import Testing

@Suite("The manual pages", .ownThread)
struct ManualTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try run(["python3", Checkout.file("scripts/generate-man.py"), DaemonProcess.binary(), directory.path])
    }

    /// Runs a program that is to end well and say nothing.
    private func run(_ arguments: [String]) throws {
        let said = directory.file("said")
        let ending = try ChildProcess(arguments, output: said).wait()
        let text = TemporaryDirectory.read(said)
        #expect(ending == .exited(0) && text.isEmpty, "\(text)")
    }

    /// A page without the marks for bold and for hyphens.
    private func page(_ name: String) -> String {
        let text = TemporaryDirectory.read(directory.file(name))
        return ["\\fB", "\\fR", "\\fI"].reduce(text) { $0.replacing($1, with: "") }.replacing("\\-", with: "-")
    }

    @Test("name every command and option that the binary has")
    func nameEveryCommand() throws {
        let help = directory.file("help")
        let dump = try ChildProcess([try DaemonProcess.binary(), "--experimental-dump-help"], output: help)
        #expect(try dump.wait() == .exited(0))
        let root = try JSONReader.read(TemporaryDirectory.read(help)).object?["command"]?.object
        let commands = root?["subcommands"]?.array?.compactMap(\.object) ?? []
        #expect(commands.count > 5)
        let page = page("man8/agentd.8")
        for command in commands where command["commandName"]?.string != "help" {
            let name = command["commandName"]?.string ?? "?"
            #expect(page.contains("\n.SS \(name)\n"))
            let section = page.split(separator: "\n.SS \(name)\n").last?.split(separator: "\n.S").first ?? ""
            for argument in command["arguments"]?.array?.compactMap(\.object) ?? [] {
                guard let option = argument["preferredName"]?.object?["name"]?.string, option != "help" else {
                    continue
                }
                #expect(section.contains("--\(option)"), "\(name)")
            }
        }
    }

    @Test("name every key of the configuration", arguments: ["agentd.toml", "agent.toml"])
    func nameEveryKey(schema: String) throws {
        let text = TemporaryDirectory.read(Checkout.file("docs/\(schema).schema.json"))
        let page = page("man5/agentd.toml.5")
        func check(_ value: JSONValue) {
            for (name, inner) in value.object?["properties"]?.object?.members.map({ ($0.name, $0.value) }) ?? [] {
                let isTable =
                    ["properties", "$ref"].contains { inner.object?[$0] != nil } || name == "providers"
                    || name == "prices"
                #expect(isTable || page.contains("\n.TP\n\(name)\n"), "\(name)")
                check(inner)
            }
            for inner in value.object?["$defs"]?.object?.members ?? [] { check(inner.value) }
        }
        check(try JSONReader.read(text))
    }

    @Test("have every section of the protocol")
    func haveTheProtocol() {
        let page = page("man7/agentd-protocol.7")
        for line in TemporaryDirectory.read(Checkout.file("protocol/README.md")).split(separator: "\n")
        where line.hasPrefix("## ") {
            #expect(page.contains("\n.SH \(line.dropFirst(3).uppercased())\n"), "\(line)")
        }
    }

    @Test("have nothing that the typesetter complains of", .enabled(if: access("/usr/bin/groff", X_OK) == 0))
    func areClean() throws {
        for name in ["man8/agentd.8", "man5/agentd.toml.5", "man7/agentd-protocol.7"] {
            try run(["groff", "-wall", "-man", "-Tutf8", "-z", directory.file(name)])
        }
    }
}
