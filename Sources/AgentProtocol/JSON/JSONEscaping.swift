/// The content of JSON strings as we write them.
///
/// Beside what RFC 8259 demands, DEL and the two line separators U+2028 and U+2029 are escaped: terminals, line-based
/// tools and older JavaScript trip over them.
public enum JSONEscaping {
    /// Appends a text, escaped, without quotes.
    public static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0), to: &bytes) }
    }

    /// Appends valid UTF-8, escaped, without quotes.
    public static func append(_ utf8: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        var safe = 0
        var index = 0
        while index < utf8.count {
            let byte = utf8[index]
            guard byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F || byte == 0xE2 else {
                index += 1
                continue
            }
            let length = byte == 0xE2 ? 3 : 1
            if byte == 0xE2, !isLineSeparator(utf8, at: index) {
                index += 1
                continue
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: utf8[safe..<index]))
            escape(byte, last: utf8[index + length - 1], to: &bytes)
            index += length
            safe = index
        }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: utf8[safe...]))
    }

    /// Bytes that one byte of text may become.
    public static let maxBytesPerByte = 6

    /// Bytes that a character takes when it is escaped.
    public static func escapedCount(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x22, 0x5C, 0x08, 0x09, 0x0A, 0x0C, 0x0D: 2
        case 0..<0x20, 0x7F, 0x2028, 0x2029: 6
        default: UTF8.width(scalar)
        }
    }

    /// Bytes of a text without its escapes, for content that this type has written or that `JSONReader` has checked.
    public static func unescapedCount(_ escaped: UnsafeRawBufferPointer) -> Int { JSONUnescaper.count(escaped) }

    /// Resolves the escapes of content that this type has written or that `JSONReader` has checked. Anything else is
    /// given back as it stands, so that a damaged text can still be seen.
    public static func unescape(_ escaped: UnsafeRawBufferPointer) -> String {
        var plain: [UInt8] = []
        plain.reserveCapacity(escaped.count)
        do throws(JSONError) {
            try JSONUnescaper.append(escaped, to: &plain, offset: 0)
            return String(decoding: plain, as: UTF8.self)
        } catch {
            return String(decoding: escaped, as: UTF8.self)
        }
    }

    /// Whether U+2028 or U+2029 (E2 80 A8, E2 80 A9) stands at `index`.
    private static func isLineSeparator(_ utf8: UnsafeRawBufferPointer, at index: Int) -> Bool {
        index + 2 < utf8.count && utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8
    }

    private static func escape(_ byte: UInt8, last: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case 0x22: literal("\\\"", to: &bytes)
        case 0x5C: literal("\\\\", to: &bytes)
        // What no reader of JSON text need accept, ours the least: a provider's NUL becomes the mark of a bad byte.
        case 0x00: literal("\\ufffd", to: &bytes)
        case 0x08: literal("\\b", to: &bytes)
        case 0x0C: literal("\\f", to: &bytes)
        case 0x0A: literal("\\n", to: &bytes)
        case 0x0D: literal("\\r", to: &bytes)
        case 0x09: literal("\\t", to: &bytes)
        case 0xE2: literal(last == 0xA8 ? "\\u2028" : "\\u2029", to: &bytes)
        default:
            literal("\\u00", to: &bytes)
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            let low = byte & 0xF
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }

    private static func literal(_ text: StaticString, to bytes: inout [UInt8]) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}
