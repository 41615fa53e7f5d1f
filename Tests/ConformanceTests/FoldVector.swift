import AgentProtocol
import AgentTestKit

/// One of the vectors for clients: what comes on some connections, and what a client must have understood of it.
struct FoldVector: CustomStringConvertible, Sendable {
    /// The file's name.
    let description: String
    /// The reads of each connection.
    let connections: [[[UInt8]]]
    /// The replies that must have been understood: cmd, and whether the command was taken.
    let replies: [String]
    /// The answer of each run.
    let contents: [String: String]

    /// Every vector there is.
    static let all: [FoldVector] = TemporaryDirectory.names(in: Checkout.file("protocol/fold")).filter {
        $0.hasSuffix(".json")
    }.sorted().compactMap { FoldVector(file: $0) }

    private init?(file: String) {
        let bytes = TemporaryDirectory.bytes(of: Checkout.file("protocol/fold/\(file)"))
        guard let vector = (try? JSONReader.read(bytes))?.object, let expect = vector["expect"]?.object else {
            return nil
        }
        description = String(file.dropLast(".json".count))
        connections = (vector["connections"]?.array ?? []).map { ($0.array ?? []).map(Self.bytes(of:)) }
        replies = (expect["replies"]?.array ?? []).compactMap(\.object).map { Self.shown(reply: $0) }
        var contents: [String: String] = [:]
        for run in expect["runs"]?.object?.members ?? [] {
            contents[run.name] = String(decoding: Self.bytes(of: run.value.object?["content"] ?? .null), as: UTF8.self)
        }
        self.contents = contents
    }

    /// A reply in short.
    static func shown(reply: JSONObject) -> String {
        "\(reply["cmd"]?.string ?? "-") \(reply["ok"]?.bool == true) \(reply["run_id"]?.string ?? "-")"
    }

    /// A text; or a list of texts, of bytes in hexadecimal, and of texts to repeat.
    private static func bytes(of value: JSONValue) -> [UInt8] {
        switch value {
        case .string(let text): Array(text.utf8)
        case .array(let parts): parts.flatMap { bytes(of: $0) }
        default:
            if let digits = value.object?["hex"]?.string {
                stride(from: 0, to: digits.utf8.count, by: 2).compactMap {
                    UInt8(digits.dropFirst($0).prefix(2), radix: 16)
                }
            } else if let text = value.object?["repeat"]?.string, let times = value.object?["times"]?.int64 {
                Array(String(repeating: text, count: Int(times)).utf8)
            } else {
                []
            }
        }
    }
}
