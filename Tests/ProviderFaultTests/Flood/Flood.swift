import AgentTestKit
import Synchronization

/// What a provider sends as fast as it can.
enum FloodKind: String, CaseIterable, Sendable {
    /// Comments, then an answer.
    case comments
    /// Text that does not end.
    case text
    /// One line that does not end.
    case line
    /// Arguments that end at last.
    case arguments
}

/// A provider that floods; requests that bring results get a plain answer.
final class FloodServer: Sendable {
    /// Bytes after which the flood ends; text and a line go on until they are cut off.
    private static func total(_ kind: FloodKind) -> Int {
        guard kind == .comments || kind == .arguments else { return 1 << 30 }
        #if DEBUG
        return 48 << 20
        #else
        return 2 << 30
        #endif
    }

    private static let block = 1 << 20

    let server: ProviderServer
    private let count: Counter

    /// Bytes that the client has taken.
    var sentBytes: Int { count.value.load(ordering: .relaxed) }

    init(_ kind: FloodKind, _ format: WireFormat) {
        let count = Counter()
        self.count = count
        server = ProviderServer { connection, request in
            guard !format.isFollowUp(request.body) else {
                return FaultyProvider.answer(connection, ModelStream(format, text: FaultyProvider.lastWord))
            }
            connection.sendStreamHead()
            let beginning = Self.beginning(kind, format)
            // An empty chunk would be the last.
            if !beginning.isEmpty { connection.sendChunk(beginning) }
            let block = Self.block(kind, format)
            let chunk = Array("\(String(block.count, radix: 16))\r\n".utf8) + block + Array("\r\n".utf8)
            while count.value.load(ordering: .relaxed) < Self.total(kind) {
                guard connection.send(chunk) else { return connection.waitForClose() }
                count.value.add(block.count, ordering: .relaxed)
            }
            let end = Self.end(kind, format)
            if !end.isEmpty { connection.sendChunk(end) }
            connection.sendLastChunk()
        }
    }

    private static func beginning(_ kind: FloodKind, _ format: WireFormat) -> [UInt8] {
        switch kind {
        case .comments: []
        case .text: format.beginning + format.textBlock(0)
        case .line: Array("data: {\"x\":\"".utf8)
        case .arguments:
            format.beginning + format.callBlock(0, id: "c1", tool: "lookup") + format.arguments(#"{"a":""#, block: 0)
        }
    }

    private static func block(_ kind: FloodKind, _ format: WireFormat) -> [UInt8] {
        let event: [UInt8] =
            switch kind {
            case .comments: Array(": keep-alive\n\n".utf8)
            case .text: format.text("lorem ipsum dolor sit amet, ")
            case .line: [0x78]
            case .arguments: format.arguments("lorem ipsum dolor sit amet, ", block: 0)
            }
        var block: [UInt8] = []
        block.reserveCapacity(Self.block + event.count)
        while block.count < Self.block { block += event }
        return block
    }

    private static func end(_ kind: FloodKind, _ format: WireFormat) -> [UInt8] {
        switch kind {
        case .comments: ModelStream(format, text: FaultyProvider.lastWord).bytes
        case .text, .line: []
        case .arguments:
            format.arguments(#""}"#, block: 0) + format.blockEnd(0) + format.reason(isCalling: true) + format.endMarker
        }
    }

    private final class Counter: Sendable {
        let value = Atomic(0)
    }
}
