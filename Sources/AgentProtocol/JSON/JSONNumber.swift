/// A number exactly as it was written: `1.10` stays `1.10` and a 30-digit integer loses nothing on its way through.
public struct JSONNumber: Equatable, Sendable {
    /// The number's text, in the grammar of RFC 8259 section 6.
    public let text: String

    /// An integer.
    public init(_ value: Int64) { text = String(value) }

    /// Takes a text that the reader has checked.
    init(checked text: String) { self.text = text }

    /// The integer that is meant, when the text is a plain integer below 2^53 (what every peer can hold exactly).
    public var int64: Int64? {
        guard let value = Int64(text), value.magnitude < 1 << 53 else { return nil }
        return value
    }
}
