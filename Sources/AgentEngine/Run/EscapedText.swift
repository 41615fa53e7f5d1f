/// Text that stands escaped inside a JSON string: where it may be cut.
public enum EscapedText {
    /// The last place at most `limit` bytes after `start` where neither a character nor an escape is cut in two.
    ///
    /// Bounded by `limit`; always makes progress, since no unit is longer than 12 bytes and limits are larger.
    public static func boundary(in bytes: [UInt8], from start: Int, limit: Int) -> Int {
        guard bytes.count - start > limit else { return bytes.count }
        var place = start
        while true {
            let next = place + unitLength(in: bytes, at: place)
            guard next - start <= limit else { return place }
            place = next
        }
    }

    private static func unitLength(in bytes: [UInt8], at place: Int) -> Int {
        switch bytes[place] {
        case UInt8(ascii: "\\"):
            guard bytes[place + 1] == UInt8(ascii: "u") else { return 2 }
            // A high surrogate is `\uD8..` to `\uDB..`, and its other half follows.
            let isPair =
                bytes[place + 2] | 0x20 == UInt8(ascii: "d")
                && [UInt8(ascii: "8"), UInt8(ascii: "9"), UInt8(ascii: "a"), UInt8(ascii: "b")]
                    .contains(bytes[place + 3] | 0x20)
            return isPair ? 12 : 6
        case 0xF0...: return 4
        case 0xE0...: return 3
        case 0xC0...: return 2
        default: return 1
        }
    }
}
