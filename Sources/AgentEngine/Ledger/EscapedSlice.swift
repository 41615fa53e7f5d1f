internal import AgentProtocol

/// A part of a text as it stands in JSON strings. The bytes are shared with the run that has said them and not copied: many
/// long answers may end in one turn.
public struct EscapedSlice: Sendable {
    let bytes: [UInt8]
    let range: Range<Int>

    /// The part with bytes of its own.
    var alone: EscapedSlice { EscapedSlice(bytes: Array(bytes[range]), range: 0..<range.count) }

    /// The part, as a text.
    public var plain: String {
        bytes.withUnsafeBytes { JSONEscaping.unescape(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}
