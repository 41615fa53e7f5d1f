import Testing

@testable import AgentConfig

@Suite struct HeaderPolicyTests {
    @Test(arguments: ["X-Team", "anthropic-beta", "HTTP-Referer", "a", "x_y.z~1"])
    func takesOrdinaryNames(name: String) {
        #expect(HeaderPolicy.objection(toName: name) == nil)
    }

    @Test(arguments: ["", " ", "X Team", "X:", "X\r\nY", "X\0", "ö", "X;", "X(", String(repeating: "x", count: 257)])
    func refusesWhatIsNoName(name: String) {
        #expect(HeaderPolicy.objection(toName: name) != nil)
    }

    @Test(arguments: ["Authorization", "AUTHORIZATION", "x-api-key", "X-Api-Key", "api-key"])
    func sendsKeysToTheirPlace(name: String) {
        #expect(HeaderPolicy.objection(toName: name)?.hint?.contains("key_env") == true)
    }

    @Test(arguments: ["Host", "content-length", "Content-Type", "Transfer-Encoding", "connection", "Expect"])
    func leavesItsOwnToTheDaemon(name: String) {
        #expect(HeaderPolicy.objection(toName: name) != nil)
    }

    @Test(arguments: ["x", "a b", "a, b; c=\"d\"", "~"])
    func takesOrdinaryValues(value: String) {
        #expect(HeaderPolicy.isValue(value))
    }

    @Test(arguments: ["", " ", " a", "a ", "a\r\nX: 1", "a\nb", "a\tb", "a\0", "\u{7F}", "ö", "\u{85}"])
    func refusesWhatCouldEndTheLine(value: String) {
        #expect(!HeaderPolicy.isValue(value))
    }
}
