extension JSONCursor {
    /// The bytes of JSON strings, eight at a time where nothing is special about them.
    enum Bytes {
        private static let ones: UInt64 = 0x0101_0101_0101_0101
        private static let highs: UInt64 = 0x8080_8080_8080_8080

        /// The first byte from `start` on that is not printable ASCII, or is a quote or a backslash; else the end.
        @inline(__always)
        static func firstSpecial(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
            var index = start
            while index &+ 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                // Each term has the high bit set in the bytes it looks for; a borrow spoils only bytes after one.
                let quote = word ^ (ones &* 0x22)
                let backslash = word ^ (ones &* 0x5C)
                let found =
                    (word | (word &+ ones) | ((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote)
                        | ((backslash &- ones) & ~backslash)) & highs
                if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
                index &+= 8
            }
            while index < bytes.count {
                let byte = bytes[index]
                if byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C { return index }
                index &+= 1
            }
            return index
        }

        /// Bytes of the character of more than one byte that begins at `index`. When there is none, the number of bytes
        /// that one U+FFFD stands for, negative: the longest beginning of a character (Unicode, section 3.9).
        static func characterLength(in bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
            let lead = bytes[index]
            var second: ClosedRange<UInt8> = 0x80...0xBF
            let length: Int
            switch lead {
            case 0xC2...0xDF: length = 2
            case 0xE0...0xEF:
                length = 3
                // The ends of the range would be a shorter character written long, or half of a surrogate pair.
                if lead == 0xE0 { second = 0xA0...0xBF } else if lead == 0xED { second = 0x80...0x9F }
            case 0xF0...0xF4:
                length = 4
                if lead == 0xF0 { second = 0x90...0xBF } else if lead == 0xF4 { second = 0x80...0x8F }
            default: return -1
            }
            guard index + 1 < bytes.count, second.contains(bytes[index + 1]) else { return -1 }
            for place in 2..<max(length, 2) {
                guard index + place < bytes.count, bytes[index + place] & 0xC0 == 0x80 else { return -place }
            }
            return length
        }

        /// Whether U+2028 or U+2029 stands at `index`.
        static func isLineSeparator(in bytes: UnsafeRawBufferPointer, at index: Int) -> Bool {
            bytes[index] == 0xE2 && index + 2 < bytes.count && bytes[index + 1] == 0x80
                && bytes[index + 2] & 0xFE == 0xA8
        }

        /// The four hexadecimal digits at `index`; nil when there are not four.
        static func unit(in bytes: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
            guard index + 4 <= bytes.count else { return nil }
            var unit: UInt32 = 0
            for place in index..<index + 4 {
                switch bytes[place] {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(bytes[place] - UInt8(ascii: "0"))
                case UInt8(ascii: "a")...UInt8(ascii: "f"):
                    unit = unit << 4 | UInt32(bytes[place] - UInt8(ascii: "a") + 10)
                case UInt8(ascii: "A")...UInt8(ascii: "F"):
                    unit = unit << 4 | UInt32(bytes[place] - UInt8(ascii: "A") + 10)
                default: return nil
                }
            }
            return unit
        }
    }
}
