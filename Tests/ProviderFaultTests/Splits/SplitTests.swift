import AgentEngine
import AgentLoop
import AgentProtocol
import AgentProviders
import AgentTestKit
import Synchronization
import Testing

extension ProviderFaults {
    /// What a server writes in two pieces, cut anywhere, is read as if it had come in one.
    @Suite struct SplitTests {
        init() { LoopFixture.start() }

        /// One text for each length that a character has, and one of all.
        private static let corpus = ["Plain ASCII, \"quoted\"", "Grüße aus Zürich, мир", "東京の天気 \u{FB01}", "🙂👩‍🚀𝄞"]
        private static let arguments = #"{"a":"ü東🙂"}"#

        @Test(arguments: WireFormat.allCases)
        @LoopActor func everyCutOfTheBytesLeavesTheTextWhole(format: WireFormat) async {
            var cuts = 0
            for text in Self.corpus {
                let stream = ModelStream(
                    format, first: text, rest: text, calls: [.init(id: "c1", tool: "t", pieces: [Self.arguments])])
                cuts += await serve(stream, format, text: text + text)
            }
            print("\(format): \(cuts) cuts served, none of them seen")
        }

        /// Serves an answer cut in two at every place; returns at how many.
        @LoopActor private func serve(_ stream: ModelStream, _ format: WireFormat, text: String) async -> Int {
            let body = stream.bytes
            let raw = Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
            let places = CutPlaces(raw.count - 1)
            let server = ProviderServer { connection, _ in
                guard let place = places.next() else { return connection.finish() }
                connection.sendStreamHead()
                connection.send(Array(raw[..<place]))
                // The first piece has been read when the loop has been round.
                let isRead = Signal()
                EventLoop.post { LoopTimer { isRead.set() }.arm(after: .milliseconds(1)) }
                isRead.wait()
                connection.send(Array(raw[place...]))
            }
            defer { server.close() }
            let provider = FaultHouse.provider(FaultHouse.endpoint(format, url: server.url))
            var asked = 0
            while asked < raw.count - 1 {
                let recorders = (0..<min(16, raw.count - 1 - asked)).map { _ in AnswerRecorder() }
                asked += recorders.count
                for recorder in recorders { _ = provider.open(AnswerRecorder.request("hi"), for: recorder) }
                #expect(await eventually { recorders.allSatisfy(\.isOver) })
                for recorder in recorders {
                    #expect(recorder.text == text && recorder.end == .stop && recorder.calls.count == 1)
                    #expect(recorder.calls.first?.arguments?["a"] == .string("ü東🙂"))
                }
            }
            #expect(places.next() == nil)
            return asked
        }
    }
}

/// Hands out each place to cut at, once.
private final class CutPlaces: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    func next() -> Int? {
        left.withLock { left in
            guard left > 0 else { return nil }
            defer { left -= 1 }
            return left
        }
    }
}
