public import AgentProtocol

/// A fingerprint of what a run was asked, by which a command that is sent again is told from another one.
///
/// 64-bit FNV-1a over the parameters that shape the answer, each with its length before it. It guards against mistakes:
/// whoever wants to can find two inputs with one fingerprint, and gains nothing but the answer to the first.
public struct InputDigest: Equatable, Sendable {
    private var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The fingerprint of a command.
    public init(_ command: RunCommand) {
        add(command.agent?.text)
        add(command.input)
    }

    /// A fingerprint as the ledger has it; nil when the text is none.
    public init?(_ text: String) {
        guard text.utf8.count == Self.digits, let value = UInt64(text, radix: 16) else { return nil }
        self.value = value
    }

    /// The fingerprint as the ledger has it: 16 hexadecimal digits.
    public var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: Self.digits - digits.utf8.count) + digits
    }

    private static let digits = 16

    /// A parameter that is missing is not the same as an empty one.
    private mutating func add(_ parameter: String?) {
        guard var parameter else { return add(0) }
        add(1)
        parameter.withUTF8 { bytes in
            for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: bytes.count >> shift)) }
            for byte in bytes { add(byte) }
        }
    }

    private mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
}
