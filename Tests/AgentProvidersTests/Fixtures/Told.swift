import AgentEngine
import AgentProtocol

@testable import AgentProviders

/// Everything that a decoder said, in words that can be compared. Texts are put together, because how they are cut
/// depends on how the stream is.
struct Told: Equatable {
    var said = ""
    var thought = ""
    var calls: [String] = []
    var usage = ""
    var kept: String?
    var end = ""
    /// What broke a rule that every decoder has.
    var faults: [String] = []

    mutating func take(_ output: StreamOutput) {
        if !end.isEmpty { faults.append("something after the last word") }
        switch output {
        case .said(let bytes): said += text(bytes)
        case .thought(let bytes): thought += text(bytes)
        case .called(let call): calls.append(Self.describe(call))
        case .reported(let report): usage = Self.describe(report)
        case .keep(let data):
            if kept != nil { faults.append("kept twice") }
            kept = String(decoding: data, as: UTF8.self)
        case .progress: break
        case .ended(let reason, let word): end = "ended \(reason.rawValue) \(word)"
        case .failed(let error): end = "failed \(error.code.rawValue)"
        }
    }

    private mutating func text(_ bytes: UnsafeRawBufferPointer) -> String {
        if bytes.isEmpty { faults.append("an empty piece") }
        let text = JSONEscaping.unescape(bytes)
        var again: [UInt8] = []
        JSONEscaping.append(text, to: &again)
        if !again.elementsEqual(bytes) { faults.append("not as we escape: \(text)") }
        return text
    }

    private static func describe(_ call: ToolCall) -> String {
        guard let arguments = call.arguments else {
            return "\(call.id) \(call.name) unreadable \(call.rawArguments ?? "nil")"
        }
        var writer = JSONWriter()
        writer.value(.object(arguments))
        let raw = call.rawArguments == nil ? "" : " and raw"
        return "\(call.id) \(call.name) \(String(decoding: writer.bytes, as: UTF8.self))\(raw)"
    }

    private static func describe(_ usage: Usage) -> String {
        func word(_ value: Int64?) -> String { value.map(String.init) ?? "-" }
        let figures = [
            usage.inputTokens, usage.cacheReadTokens, usage.cacheWriteTokens, usage.outputTokens,
            usage.reasoningTokens, usage.totalTokens,
        ]
        return figures.map(word).joined(separator: " ")
    }
}

/// Feeds a stream to fresh decoders in every way it may be cut.
enum Feeding {
    static func whole(_ bytes: [UInt8], _ decoder: any StreamDecoder, ends: Bool = true) -> Told {
        pieces([bytes[...]], decoder, ends: ends)
    }

    static func pieces(_ pieces: [ArraySlice<UInt8>], _ decoder: any StreamDecoder, ends: Bool = true) -> Told {
        var decoder = decoder
        var told = Told()
        for piece in pieces { piece.withUnsafeBytes { bytes in decoder.receive(bytes) { told.take($0) } } }
        if ends { decoder.end { told.take($0) } }
        return told
    }

    static func byteByByte(_ bytes: [UInt8], _ decoder: any StreamDecoder) -> Told {
        pieces(bytes.indices.map { bytes[$0...$0] }, decoder)
    }

    /// Cut in two at every place; the first result that differs from `expected`, with its place.
    static func splits(
        _ bytes: [UInt8], _ decoder: any StreamDecoder, expected: Told
    ) -> (place: Int, told: Told)? {
        for place in 0...bytes.count {
            let told = pieces([bytes[..<place], bytes[place...]], decoder)
            if told != expected { return (place, told) }
        }
        return nil
    }
}
