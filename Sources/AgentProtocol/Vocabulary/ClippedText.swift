/// A text cut to what a frame may carry, between two characters, with its whole size remembered.
///
/// What counts is the text as it stands in the line, escaped: so a line keeps its bound whatever the text holds, and a
/// terminal event and a record are cut at the same place.
public struct ClippedText: Sendable {
    /// The text, or the piece of it that begins at the offset.
    public let text: String
    /// Bytes of the whole text, not escaped.
    public let bytes: Int
    /// Whether there is more of the text after this piece.
    public let isClipped: Bool

    /// Cuts a text to at most `limit` escaped bytes, beginning `offset` bytes in (moved back to a character's start).
    public init(_ whole: String, from offset: Int = 0, limit: Int = Limits.clipBytes) {
        bytes = whole.utf8.count
        guard offset > 0 || bytes > limit / JSONEscaping.maxBytesPerByte else {
            text = whole
            isClipped = false
            return
        }
        let scalars = whole.unicodeScalars
        var start = whole.utf8.index(whole.startIndex, offsetBy: min(offset, bytes))
        while start > whole.startIndex, start.samePosition(in: scalars) == nil {
            start = whole.utf8.index(before: start)
        }
        var end = start
        var room = limit
        while end < whole.endIndex {
            room -= JSONEscaping.escapedCount(scalars[end])
            guard room >= 0 else { break }
            end = scalars.index(after: end)
        }
        text = String(scalars[start..<end])
        isClipped = end < whole.endIndex
    }
}
