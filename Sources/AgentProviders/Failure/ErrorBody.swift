import AgentProtocol

/// What an error's body says, whatever its shape: an object under `error` or several levels of it, a text, a list, or
/// no JSON at all.
struct ErrorBody {
    /// The provider's sentence, or the beginning of whatever it sent.
    private(set) var message = ""
    /// Its words for the kind of error, in lower case: types, codes and statuses, the inner ones included.
    private(set) var codes: [String] = []
    /// An HTTP status that stands in the body.
    private(set) var status: Int?
    /// The time to wait that stands in the body.
    private(set) var retryDelay: Duration?

    /// Everything searched for words, in lower case and bounded.
    private(set) var text = ""

    /// Objects inside objects that are looked at.
    private static let maxDepth = 6
    private static let maxCodes = 16
    private static let searchedBytes = 8 * 1024

    init(_ bytes: UnsafeRawBufferPointer) {
        let isJSON: Bool
        do throws(JSONError) {
            read(try JSONReader.read(bytes), depth: 0)
            isJSON = true
        } catch {
            isJSON = false
        }
        let whole = String(decoding: bytes.prefix(Self.searchedBytes), as: UTF8.self)
        if message.isEmpty, !isJSON { message = Self.isPage(whole) ? Self.title(of: whole) : whole }
        text = ((isJSON ? message : whole) + " " + codes.joined(separator: " ")).lowercased()
    }

    private mutating func read(_ value: JSONValue, depth: Int) {
        guard depth < Self.maxDepth else { return }
        switch value {
        case .string(let text): add(message: text)
        case .array(let elements): for element in elements.prefix(4) { read(element, depth: depth + 1) }
        case .object(let object): for member in object.members { read(member, depth: depth) }
        default: break
        }
    }

    private mutating func read(_ member: JSONObject.Member, depth: Int) {
        switch member.name {
        case "message", "msg", "detail", "error_description", "title", "error", "errors", "innererror",
            "inner_error", "details", "metadata", "raw", "response":
            read(member.value, depth: depth + 1)
        case "type", "code", "status", "reason", "error_code", "error_type":
            if let word = member.value.string { add(code: word) }
            let number = member.value.int64 ?? member.value.string.flatMap { Int64($0) }
            if let number, (100..<600).contains(number) { status = status ?? Int(number) }
        case "retryDelay":
            if let text = member.value.string, text.hasSuffix("s") { retryDelay = RetryDelay.seconds(text.dropLast()) }
        default: break
        }
    }

    private mutating func add(message text: String) {
        guard !text.isBlank, message.utf8.count < 1024 else { return }
        // Gateways repeat the inner error in their own words; the first that says anything is the summary.
        if message.isEmpty { message = text } else if !message.contains(text.prefix(256)) { message += "; " + text }
    }

    private mutating func add(code: String) {
        guard codes.count < Self.maxCodes, code.utf8.count <= 128 else { return }
        codes.append(code.lowercased())
    }

    private static func isPage(_ text: String) -> Bool {
        let start = text.prefix(512).lowercased()
        return start.contains("<html") || start.contains("<!doctype") || start.contains("<head")
    }

    private static func title(of page: String) -> String {
        guard let open = page.firstRange(of: "<title>") ?? page.firstRange(of: "<TITLE>"),
            let close = page[open.upperBound...].firstIndex(of: "<")
        else { return "a web page instead of an answer" }
        return "a web page instead of an answer: " + page[open.upperBound..<close]
    }
}
