import AgentProtocol
import Testing

@testable import AgentProviders

/// Chunks that are known by their shape say what reading them would say.
@Suite struct ChunkShapeTests {
    private static let chunks = [
        StreamFixture.delta(#"{"content":"text"}"#),
        #"{"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":"text"},"logprobs":null,"#
            + #""finish_reason":null}],"usage":null,"note":"text"}"#,
        #"{"choices":[{"delta":{"content":"text","reasoning":"why"}}]}"#,
        #"{"choices":[{"delta":{"content":"text"},"finish_reason":"stop"}]}"#,
        #"{"choices":[{"delta":{"content":"text","content":"last"}}]}"#,
        #"{"error":null,"choices":[{"index":1,"delta":{"content":"other"}},{"delta":{"content":"text"}}]}"#,
    ]

    private func told(_ chunks: [[UInt8]]) -> Told {
        let stream = chunks.flatMap { Array("data: ".utf8) + $0 + Array("\n\n".utf8) }
        return Feeding.whole(stream, StreamFixture.openai("shape", [], Told()).decoder())
    }

    @Test(arguments: chunks) func whatHasAShapeSaysWhatItSaysWhenItIsRead(_ chunk: String) {
        var random = RandomNumbers(seed: 3)
        let first = Array(chunk.utf8)
        // A chunk of another shape that says nothing: what comes after it has to be read.
        let other = Array(#"{"choices":[{"delta":{"content":""}}]}"#.utf8)
        for _ in 0..<500 {
            var second = first
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0..<second.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: second.remove(at: place)
                case 1: second.insert(random.one(of: Array(#""\{}[]:,u0 t"#.utf8)), at: place)
                case 2: second.insert(contentsOf: Array(#"","a":"b"#.utf8), at: place)
                default: second[place] = UInt8.random(in: 0...255, using: &random)
                }
            }
            guard !second.contains(UInt8(ascii: "\n")), !second.contains(UInt8(ascii: "\r")) else { continue }
            let text = String(decoding: second, as: UTF8.self)
            #expect(told([first, second]) == told([first, other, second]), "\(text)")
        }
    }

    @Test func anErrorThatLooksLikeTextIsNone() {
        let chunk = #"data: {"choices":[{"delta":{"content":"text"}}]}"#
        let stream = Array("\(chunk)\n\nevent: error\n\(chunk)\n\n".utf8)
        let told = Feeding.whole(stream, StreamFixture.openai("shape", [], Told()).decoder())
        #expect(told.said == "text" && told.end.hasPrefix("failed"))
    }

    @Test func nothingLargeIsKept() throws {
        var shape = ChunkShape()
        let notes = String(repeating: "c", count: 5000)
        let chunk = #"{"choices":[{"delta":{"content":"text"}}],"citations":"\#(notes)"}"#
        try Array(chunk.utf8).withUnsafeBytes { bytes in
            shape.learn(bytes, text: try #require(try OpenAIChunk(bytes).onlyContent))
            #expect(shape.text(of: bytes) == nil)
        }
    }

    @Test(arguments: [
        ("", true), ("a", true), (#"\""#, true), (#"\\"#, true), ("ö 👋", true), (#"\ud83d"#, true),
        (#"\"#, false), (#"a","b":"c"#, false), (#"a" "#, false), (#"\x"#, false), ("\u{1}", false),
    ])
    func onlyAWholeStringIsTheText(_ middle: String, isText: Bool) throws {
        let (head, tail) = (#"{"choices":[{"delta":{"content":""#, #""}}]}"#)
        var shape = ChunkShape()
        try Array("\(head)first\(tail)".utf8).withUnsafeBytes { bytes in
            let chunk = try OpenAIChunk(bytes)
            shape.learn(bytes, text: try #require(chunk.onlyContent))
        }
        Array("\(head)\(middle)\(tail)".utf8).withUnsafeBytes { bytes in
            #expect(shape.text(of: bytes)?.bytes.elementsEqual(middle.utf8) == (isText ? true : nil))
        }
        Array("\(head)\(tail.dropFirst())".utf8).withUnsafeBytes { #expect(shape.text(of: $0) == nil) }
    }

    @Test(arguments: [
        #"{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1}}"#,
        #"{"choices":[{"delta":{"content":"a"}}],"error":"b"}"#,
        #"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#,
        #"{"choices":[{"delta":{"content":"a","refusal":"b"}}]}"#,
        #"{"choices":[{"delta":{"content":"a","reasoning":"b"}}]}"#,
        #"{"choices":[{"delta":{"content":"a","reasoning_content":"b"}}]}"#,
        #"{"choices":[{"delta":{"content":"a","reasoning_details":[]}}]}"#,
        #"{"choices":[{"delta":{"content":"a","tool_calls":[]}}]}"#,
        #"{"choices":[{"delta":{"content":"a","function_call":{}}}]}"#,
        #"{"choices":[{"delta":{"content":["a"]}}]}"#,
        #"{"choices":[{"index":1,"delta":{"content":"a"}}]}"#,
        #"{"choices":[]}"#,
    ])
    func aChunkWithMoreThanTextHasNone(_ chunk: String) throws {
        let isOnlyContent = try Array(chunk.utf8).withUnsafeBytes { try OpenAIChunk($0).onlyContent != nil }
        #expect(!isOnlyContent)
    }
}
