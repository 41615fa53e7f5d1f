import Testing

@testable import AgentConfig

@Suite struct ServiceURLTests {
    private func url(_ text: String) throws -> ServiceURL { try ServiceURL(text, schemes: ["https", "http"]) }

    @Test(arguments: [
        ("https://api.example.com/v1", "https://api.example.com/v1"), ("https://h/v1/", "https://h/v1"),
        ("https://h///", "https://h"), ("https://h", "https://h"), ("HTTPS://H/V1", "https://H/V1"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"), ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://h/a@b/%20", "https://h/a@b/%20"), ("https://my_host.local:443/x", "https://my_host.local:443/x"),
    ])
    func isWrittenOneWay(written: String, text: String) throws {
        #expect(try url(written).text == text)
    }

    @Test(arguments: [
        "localhost", "LOCALHOST", "localhost:80", "127.0.0.1", "127.255.0.9:1", "[::1]", "[::1]:1",
        "[0:0:0:0:0:0:0:1]",
    ])
    func knowsThisMachine(authority: String) throws {
        #expect(try url("http://\(authority)/v1").isLoopback)
    }

    @Test(arguments: [
        "127.0.0.1.evil.example", "localhost.evil.example", "127.1", "0.0.0.0", "0x7f.0.0.1", "2130706433", "128.0.0.1",
        "[::2]", "[::]", "[::ffff:127.0.0.1]", "localhost.", "10.127.0.0", "127.0.0.1.", "127.0.0.01",
    ])
    func takesNobodyElseForThisMachine(authority: String) throws {
        #expect(try !url("http://\(authority)/v1").isLoopback)
    }

    @Test(arguments: [
        "", "h", "//h", "https:h", "https:/h", "https://", "https:///v1", "https://:80", "ftp://h",
        "file:///etc/passwd", "https://u@h", "https://u:p@h", "https://:p@h/", "https://h?x=1", "https://h/v1?",
        "https://h/#a", "https://h:0", "https://h:", "https://h:65536", "https://h:8a", "https://h:80:80",
        "https://[::1", "https://::1", "https://[::1]x", "https://[v1.x]", "https://h h", "https://h/a b",
        "https://h\\x", "https://h/\r\nX: 1", "https://h\0", "https://h%2e", "https://hö", "https://h,i",
        " https://h", "https://h\u{85}",
    ])
    func refusesEverythingElse(text: String) {
        #expect(throws: ServiceURL.Objection.self) { try url(text) }
    }
}
