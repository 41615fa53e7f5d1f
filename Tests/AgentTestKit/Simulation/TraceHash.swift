/// A fingerprint of all that was told, in order (64-bit FNV-1a): equal traffic has an equal one in every process.
public struct TraceHash: Equatable, Sendable {
    /// The fingerprint so far.
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The fingerprint of nothing.
    public init() {}

    /// Counts a text in.
    public mutating func add(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        value = (value ^ 0xFF) &* 0x100_0000_01B3
    }
}
