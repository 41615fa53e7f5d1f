import Testing

@testable import AgentConfig

@Suite struct KeySuggestionTests {
    private let names = ["socket", "mode", "model", "on_disconnect", "a"]

    @Test(arguments: [
        ("sokcet", "socket"), ("soket", "socket"), ("sockett", "socket"), ("mdoe", "mode"), ("models", "model"),
        ("ondisconnect", "on_disconnect"), ("on-disconnect", "on_disconnect"),
    ])
    func findsWhatWasMeant(written: String, meant: String) {
        #expect(KeySuggestion.nearest(to: written, among: names) == meant)
    }

    @Test(arguments: ["", "b", "colour", "sck", String(repeating: "m", count: 10_000)])
    func saysNothingRatherThanNonsense(written: String) {
        #expect(KeySuggestion.nearest(to: written, among: names) == nil)
    }
}
