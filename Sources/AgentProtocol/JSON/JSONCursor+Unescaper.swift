extension JSONCursor {
    /// Joins the strings of a stream into the bytes that are meant, which may be a text of their own, such as JSON.
    ///
    /// Nothing is mended: what was not UTF-8 stays so, and a lone half of a surrogate pair becomes the three bytes that
    /// no UTF-8 has, so that whoever reads the text refuses it instead of acting on something nobody wrote.
    public struct Unescaper: Sendable {
        private var half: UInt32?

        /// A stream of which nothing has come.
        public init() {}

        /// Takes the next string.
        public mutating func append(_ slice: Slice, to plain: inout [UInt8]) {
            let content = slice.bytes
            guard slice.form != .plain || half != nil else { return plain.append(contentsOf: content) }
            var index = 0
            while index < content.count {
                let run = content[index...].firstIndex(of: UInt8(ascii: "\\")) ?? content.count
                if run > index {
                    end(&plain)
                    plain.append(contentsOf: UnsafeRawBufferPointer(rebasing: content[index..<run]))
                    index = run
                    continue
                }
                guard content[index + 1] == UInt8(ascii: "u") else {
                    end(&plain)
                    plain.append(Self.meaning(of: content[index + 1]))
                    index += 2
                    continue
                }
                unit(Bytes.unit(in: content, at: index + 2) ?? 0xFFFD, to: &plain)
                index += 6
            }
        }

        /// The stream is over: a half that still waits stays alone.
        public mutating func end(_ plain: inout [UInt8]) {
            guard let lone = half else { return }
            half = nil
            Self.encode(lone, to: &plain)
        }

        private mutating func unit(_ unit: UInt32, to plain: inout [UInt8]) {
            if let first = half, unit & 0xFC00 == 0xDC00 {
                half = nil
                return Self.encode(0x10000 + (first & 0x3FF) << 10 + unit & 0x3FF, to: &plain)
            }
            end(&plain)
            if unit & 0xFC00 == 0xD800 { half = unit } else { Self.encode(unit, to: &plain) }
        }

        /// Writes a number in the way of UTF-8, also one that is no character.
        private static func encode(_ value: UInt32, to plain: inout [UInt8]) {
            func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(value >> shift & 0x3F) }
            switch value {
            case 0..<0x80: plain.append(UInt8(value))
            case 0x80..<0x800: plain.append(contentsOf: [0xC0 | UInt8(value >> 6), tail(0)])
            case 0x800..<0x10000: plain.append(contentsOf: [0xE0 | UInt8(value >> 12), tail(6), tail(0)])
            default: plain.append(contentsOf: [0xF0 | UInt8(value >> 18), tail(12), tail(6), tail(0)])
            }
        }

        private static func meaning(of letter: UInt8) -> UInt8 {
            switch letter {
            case UInt8(ascii: "b"): 0x08
            case UInt8(ascii: "f"): 0x0C
            case UInt8(ascii: "n"): 0x0A
            case UInt8(ascii: "r"): 0x0D
            case UInt8(ascii: "t"): 0x09
            default: letter
            }
        }
    }
}
