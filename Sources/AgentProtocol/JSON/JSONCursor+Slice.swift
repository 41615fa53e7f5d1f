extension JSONCursor {
    /// A string of the text as it stands between its quotes, checked and still escaped. Valid as long as the text is.
    public struct Slice {
        /// How the content is written.
        @usableFromInline
        enum Form: UInt8, Comparable {
            /// Without any escape, and nothing in it that needs one.
            case plain
            /// With escapes, exactly as `JSONEscaping` writes them.
            case canonical
            /// Otherwise: other escapes, characters that we would escape, or bytes that are no text.
            case other

            @usableFromInline
            static func < (left: Form, right: Form) -> Bool { left.rawValue < right.rawValue }
        }

        /// The content, escaped.
        public let bytes: UnsafeRawBufferPointer
        @usableFromInline
        let form: Form

        /// Whether the content is, byte for byte, what `JSONEscaping` would write.
        @inlinable
        public var isCanonical: Bool { form != .other }

        /// Whether there is no content.
        @inlinable
        public var isEmpty: Bool { bytes.isEmpty }

        /// The text; what is none in it becomes U+FFFD.
        public var string: String {
            guard form != .plain else { return String(decoding: bytes, as: UTF8.self) }
            var plain: [UInt8] = []
            var unescaper = Unescaper()
            unescaper.append(self, to: &plain)
            unescaper.end(&plain)
            return String(decoding: plain, as: UTF8.self)
        }

        /// Whether the text is this word of ours. Nearly always its length or first letter tells that
        /// it is not.
        @inlinable
        public func equals(_ word: StaticString) -> Bool {
            if form == .plain {
                guard bytes.count == word.utf8CodeUnitCount else { return false }
                guard bytes.isEmpty || bytes[0] == word.utf8Start.pointee else { return false }
            }
            return hasBytes(of: word)
        }

        @usableFromInline
        func hasBytes(of word: StaticString) -> Bool {
            guard form == .plain else { return string == word.description }
            let other = word.utf8Start
            for place in 0..<bytes.count where bytes[place] != other[place] { return false }
            return true
        }
    }
}
