/// A text cut to what a frame may carry, at a character boundary, with its whole size remembered.
public struct ClippedText: Sendable {
    /// The text, or its beginning.
    public let text: String
    /// Bytes of the whole text.
    public let bytes: Int
    /// Whether something was cut off.
    public var isClipped: Bool { text.utf8.count < bytes }

    /// Cuts a text to at most `limit` bytes, starting `offset` bytes in (moved back to a character boundary).
    public init(_ whole: String, from offset: Int = 0, limit: Int = Limits.clipBytes) {
        let total = whole.utf8.count
        bytes = total
        guard offset > 0 || total > limit else {
            text = whole
            return
        }
        let scalars = whole.unicodeScalars
        func boundary(_ count: Int) -> String.Index {
            let index = whole.utf8.index(whole.startIndex, offsetBy: min(max(count, 0), total))
            return scalars.index(of: index)
        }
        let start = boundary(offset)
        let end = boundary(whole.utf8.distance(from: whole.startIndex, to: start) + limit)
        text = String(scalars[start..<end])
    }
}

extension String.UnicodeScalarView {
    /// The scalar that an index falls into.
    fileprivate func index(of index: String.Index) -> String.Index {
        index.samePosition(in: self) ?? self.index(before: self.index(after: index))
    }
}
