import Glibc

/// The address of a server as a configuration may name it: scheme, host, perhaps a port and a path, nothing else.
struct ServiceURL: Equatable {
    /// What is wrong with an address. The address is not repeated: it may hold a password.
    struct Objection: Error, Equatable {
        /// What follows the setting's name in a message.
        let message: String
        /// How to repair it.
        var hint: String?
    }

    /// In small letters, without `://`.
    let scheme: String
    /// A name or an address; one of IPv6 in its brackets.
    let host: String
    /// The port, if it is said.
    let port: UInt16?
    /// Empty, or a slash and what follows it, without slashes at its end.
    let path: String

    /// The whole address.
    var text: String { "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(path)" }

    /// Takes an address apart.
    init(_ text: String, schemes: [String]) throws(Objection) {
        guard text.utf8.allSatisfy(Self.isAllowed) else {
            throw Objection(message: "holds a character that an address cannot have", hint: "write it as %XX")
        }
        guard let separator = text.firstRange(of: "://"),
            let scheme = schemes.first(where: { $0 == text[..<separator.lowerBound].lowercased() })
        else {
            throw Objection(message: "must begin with " + schemes.map { "\($0)://" }.joined(separator: " or "))
        }
        let rest = text[separator.upperBound...]
        guard !rest.contains("?") else { throw Objection(message: "must not have a query") }
        guard !rest.contains("#") else { throw Objection(message: "must not have a fragment") }

        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        guard !authority.contains("@") else {
            throw Objection(message: "must not hold a user or password", hint: "name a key with key_env or key_file")
        }
        var path = rest[slash...]
        while path.last == "/" { path.removeLast() }

        (host, port) = try Self.split(authority)
        self.scheme = scheme
        self.path = String(path)
    }

    /// Whether only this machine is reached: `localhost`, 127.0.0.0/8, or ::1.
    var isLoopback: Bool {
        if host.lowercased() == "localhost" { return true }
        if host.hasPrefix("[") { return Self.isLoopbackAddress(sixth: String(host.dropFirst().dropLast())) }
        // Only four numbers: the shorter forms are read in different ways.
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }

    private static func isLoopbackAddress(sixth text: String) -> Bool {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return false }
        return withUnsafeBytes(of: &address) { bytes in bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 } }
    }

    private static func split(_ authority: Substring) throws(Objection) -> (host: String, port: UInt16?) {
        // The colons of an IPv6 address are inside its brackets.
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        let colon = authority[bracket...].firstIndex(of: ":")
        let host = authority[..<(colon ?? authority.endIndex)]
        guard isHost(host) else { throw Objection(message: "must have a host after ://") }
        guard let colon else { return (String(host), nil) }
        let digits = authority[authority.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits), port > 0 else {
            throw Objection(message: "must have a port between 1 and 65535 after the host, or none")
        }
        return (String(host), port)
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            var address = in6_addr()
            return inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1
        }
        return (1...253).contains(host.utf8.count)
            && host.utf8.allSatisfy { isLetterOrDigit($0) || "-._".utf8.contains($0) }
    }

    /// RFC 3986 section 2.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
