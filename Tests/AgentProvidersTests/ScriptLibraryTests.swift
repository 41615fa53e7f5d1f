import AgentProviders
import Testing

@Suite struct ScriptLibraryTests {
    @Test(arguments: ["hello", "echo", "tools", "slow", "demo"]) func hasTheBuiltInScripts(name: String) throws {
        #expect(try ScriptLibrary().contains(name))
    }

    @Test func doesNotKnowOthers() throws { #expect(try !ScriptLibrary().contains("hamlet")) }

    @Test func namesTheScriptThatIsWrong() throws {
        var library = try ScriptLibrary()
        let error = #expect(throws: ScriptError.self) { try library.add("mine", Array(#"[[{"sy":"x"}]]"#.utf8)) }
        #expect(error?.description.hasPrefix("script mine: turn 1, step 1: ") == true)
        #expect(!library.contains("mine"))
    }
}
