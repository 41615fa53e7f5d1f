/// Which headers a configuration may add to a provider's requests.
enum HeaderPolicy {
    /// The longest value. In bytes.
    static let longestValue = 8192
    /// How many headers one provider may have.
    static let mostHeaders = 64

    private static let longestName = 256

    /// These carry a key, which is never written in a configuration.
    private static let keyNames: Set<String> = ["api-key", "authorization", "x-api-key", "x-goog-api-key"]

    /// These belong to whoever makes the request; a second one would contradict it.
    private static let ownNames: Set<String> = [
        "connection", "content-encoding", "content-length", "content-type", "expect", "host", "keep-alive",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// What is wrong with a header of this name; nil when nothing is.
    static func objection(toName name: String) -> (message: String, hint: String?)? {
        guard (1...longestName).contains(name.utf8.count), name.utf8.allSatisfy(isTokenByte) else {
            return ("\"\(name)\" is not a header's name", "letters, digits and -")
        }
        let lowercased = name.lowercased()
        if keyNames.contains(lowercased) {
            return (
                "header \"\(name)\" is not written here",
                "name the key's variable with key_env, or its file with key_file"
            )
        }
        if ownNames.contains(lowercased) {
            return (
                "header \"\(name)\" is not written here",
                lowercased == "host" ? "base_url names the host, key_env the key" : "agentd writes it itself"
            )
        }
        return nil
    }

    /// Whether a text can be a header's value. Nothing in it may end the line, and an empty one would make the HTTP
    /// library take the header away.
    static func isValue(_ text: String) -> Bool {
        let space = UInt8(ascii: " ")
        return !text.isEmpty && text.utf8.first != space && text.utf8.last != space
            && text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }

    /// RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
