import AgentSystem
import Testing

@Suite struct StandardPathsTests {
    @Test func theServerTakesTheFirstThatSaysWhere() throws {
        var environment = [
            "AGENTD_SOCKET": "/env.sock", "RUNTIME_DIRECTORY": "/run/unit:/run/other", "XDG_RUNTIME_DIR": "/run/user/7",
        ]
        func path(flag: String? = nil, configured: String? = nil, isRoot: Bool = true) throws -> String {
            try StandardPaths.serveSocket(
                flag: flag, environment: environment, configured: configured, isRoot: isRoot)
        }
        #expect(try path(flag: "/flag.sock", configured: "/file.sock") == "/flag.sock")
        #expect(try path(configured: "/file.sock") == "/env.sock")
        environment["AGENTD_SOCKET"] = ""
        #expect(try path(configured: "/file.sock") == "/file.sock")
        #expect(try path() == "/run/unit/agentd.sock")
        environment["RUNTIME_DIRECTORY"] = nil
        #expect(try path() == "/run/user/7/agentd/agentd.sock")
        environment["XDG_RUNTIME_DIR"] = "relative"
        #expect(try path() == "/run/agentd/agentd.sock")
        let error = #expect(throws: StandardPaths.Undetermined.self) { try path(isRoot: false) }
        #expect(error.map { "\($0)" }?.contains("--socket") == true)
    }

    @Test func aClientTakesTheFirstThatExists() {
        let user = "/run/user/7/agentd/agentd.sock"
        let system = "/run/agentd/agentd.sock"
        let environment = ["XDG_RUNTIME_DIR": "/run/user/7"]
        func path(_ existing: String...) -> String {
            StandardPaths.clientSocket(flag: nil, environment: environment) { existing.contains($0) }
        }
        #expect(path(user, system) == user)
        #expect(path(system) == system)
        #expect(path(user) == user)
        #expect(path() == user)
    }

    @Test func aClientBelievesWhatItIsTold() {
        let environment = ["AGENTD_SOCKET": "/env.sock", "XDG_RUNTIME_DIR": "/run/user/7"]
        #expect(StandardPaths.clientSocket(flag: "/f.sock", environment: environment) { _ in true } == "/f.sock")
        #expect(StandardPaths.clientSocket(flag: nil, environment: environment) { _ in true } == "/env.sock")
        #expect(StandardPaths.clientSocket(flag: nil, environment: [:]) { _ in false } == StandardPaths.systemSocket)
    }

    @Test func theStateHasItsOwnOrder() throws {
        var environment = [
            "AGENTD_STATE_DIR": "/env", "STATE_DIRECTORY": "/var/lib/agentd:/var/lib/b", "XDG_STATE_HOME": "/xdg",
            "HOME": "/home/u",
        ]
        func path(flag: String? = nil) throws -> String {
            try StandardPaths.stateDirectory(flag: flag, environment: environment)
        }
        #expect(try path(flag: "/flag") == "/flag")
        #expect(try path() == "/env")
        environment["AGENTD_STATE_DIR"] = nil
        #expect(try path() == "/var/lib/agentd")
        environment["STATE_DIRECTORY"] = nil
        #expect(try path() == "/xdg/agentd")
        environment["XDG_STATE_HOME"] = nil
        #expect(try path() == "/home/u/.local/state/agentd")
        environment["HOME"] = nil
        let error = #expect(throws: StandardPaths.Undetermined.self) { try path() }
        #expect(error.map { "\($0)" }?.contains("--state-dir") == true)
    }

    @Test func theConfigurationIsTheFirstThatExists() {
        var environment = ["AGENTD_CONFIG": "/env.toml", "XDG_CONFIG_HOME": "/xdg", "HOME": "/home/u"]
        func path(flag: String? = nil, _ existing: String...) -> String? {
            StandardPaths.configFile(flag: flag, environment: environment) { existing.contains($0) }
        }
        #expect(path(flag: "/flag.toml") == "/flag.toml")
        #expect(path() == "/env.toml")
        environment["AGENTD_CONFIG"] = nil
        #expect(path("/xdg/agentd/agentd.toml", "/etc/agentd/agentd.toml") == "/xdg/agentd/agentd.toml")
        #expect(path("/home/u/.config/agentd/agentd.toml") == nil)
        environment["XDG_CONFIG_HOME"] = nil
        #expect(path("/home/u/.config/agentd/agentd.toml") == "/home/u/.config/agentd/agentd.toml")
        #expect(path("/etc/agentd/agentd.toml") == "/etc/agentd/agentd.toml")
        #expect(path() == nil)
    }
}
