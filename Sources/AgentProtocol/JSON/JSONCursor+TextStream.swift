extension JSONCursor {
    /// Joins the strings of a stream into text as `JSONEscaping` writes it, whole characters only.
    ///
    /// What is in that form already, which is nearly everything, passes through uncopied. NUL, bytes that are not UTF-8
    /// and lone halves of a surrogate pair become U+FFFD; a first half at the end of a string waits for the next one.
    public struct TextStream: Sendable {
        private var scratch: [UInt8] = []
        private var half: UInt32?

        /// A stream of which nothing has come.
        public init() {}

        /// Takes the next string and hands out what is whole; nothing when there is nothing.
        public mutating func take(_ slice: Slice, _ body: (UnsafeRawBufferPointer) -> Void) {
            guard !slice.isEmpty else { return }
            if half == nil, slice.isCanonical { return body(slice.bytes) }
            scratch.removeAll(keepingCapacity: true)
            rewrite(slice.bytes)
            guard !scratch.isEmpty else { return }
            scratch.withUnsafeBytes(body)
        }

        /// The stream is over: a half that still waits will find no other.
        public mutating func end(_ body: (UnsafeRawBufferPointer) -> Void) {
            guard half != nil else { return }
            scratch.removeAll(keepingCapacity: true)
            dropHalf()
            scratch.withUnsafeBytes(body)
        }

        private mutating func rewrite(_ content: UnsafeRawBufferPointer) {
            var index = 0
            while index < content.count {
                let special = Bytes.firstSpecial(in: content, from: index)
                if special > index {
                    dropHalf()
                    scratch.append(contentsOf: UnsafeRawBufferPointer(rebasing: content[index..<special]))
                    index = special
                    continue
                }
                switch content[index] {
                case UInt8(ascii: "\\"): index += escape(content, at: index)
                case 0x7F:
                    dropHalf()
                    append(0x7F)
                    index += 1
                default:
                    dropHalf()
                    let length = Bytes.characterLength(in: content, at: index)
                    if length > 0 {
                        let character = UnsafeRawBufferPointer(rebasing: content[index..<index + length])
                        JSONEscaping.append(character, to: &scratch)
                    } else {
                        append(0xFFFD)
                    }
                    index += abs(length)
                }
            }
        }

        /// Takes an escape, which the cursor has checked; its length.
        private mutating func escape(_ content: UnsafeRawBufferPointer, at index: Int) -> Int {
            guard content[index + 1] == UInt8(ascii: "u") else {
                dropHalf()
                if content[index + 1] != UInt8(ascii: "/") { scratch.append(UInt8(ascii: "\\")) }
                scratch.append(content[index + 1])
                return 2
            }
            let unit = Bytes.unit(in: content, at: index + 2) ?? 0xFFFD
            switch unit & 0xFC00 {
            case 0xD800:
                dropHalf()
                half = unit
            case 0xDC00:
                let first = half
                half = nil
                append(first.map { 0x10000 + ($0 & 0x3FF) << 10 + unit & 0x3FF } ?? 0xFFFD)
            default:
                dropHalf()
                append(unit == 0 ? 0xFFFD : unit)
            }
            return 6
        }

        /// Something else came where the other half should be.
        private mutating func dropHalf() {
            guard half != nil else { return }
            half = nil
            append(0xFFFD)
        }

        private mutating func append(_ scalar: UInt32) {
            var utf8 = InlineArray<4, UInt8>(repeating: 0)
            var count = 0
            for byte in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}").unsafelyUnwrapped {
                utf8[count] = byte
                count += 1
            }
            utf8.span.withUnsafeBytes {
                JSONEscaping.append(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: &scratch)
            }
        }
    }
}
