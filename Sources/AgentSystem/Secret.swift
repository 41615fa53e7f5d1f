/// A key or password: a text that can be used and cannot be shown.
///
/// However it is printed, reflected or dumped, it is a row of asterisks, of a length that says nothing. It cannot be
/// encoded or compared. `reveal` is the one way out, so a search for that word finds every place that sees a secret.
public struct Secret: Sendable {
    /// Why a text cannot be a secret; says nothing of the text itself.
    public enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        /// Nothing is left once the line end is taken away.
        case empty
        /// There is a control character: as a header's value it would end the header, and begin another one.
        case controlCharacter
        /// There is a byte that is not ASCII, which servers read in different ways.
        case notASCII

        /// The reason in the words of a message.
        public var description: String {
            switch self {
            case .empty: "it is empty"
            case .controlCharacter: "it holds a line break or another control character"
            case .notASCII: "it holds a character that is not ASCII"
            }
        }
    }

    private let text: String

    /// Takes a text of printable ASCII. One line end after it is dropped: editors and `echo` leave it there.
    ///
    /// - Throws: what is wrong with the text, without the text.
    public init(_ text: String) throws(Refusal) {
        try self.init(bytes: text.utf8)
    }

    /// The same for bytes as they stand in a file.
    init(bytes: some BidirectionalCollection<UInt8>) throws(Refusal) {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw .empty }
        for byte in bytes {
            guard byte < 0x80 else { throw .notASCII }
            guard byte >= 0x20, byte != 0x7F else { throw .controlCharacter }
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Hands out the text, for as long as `body` runs; what `body` keeps of it is no longer protected.
    public func reveal<Result>(_ body: (String) throws -> Result) rethrows -> Result {
        try body(text)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Asterisks.
    public var description: String { "********" }

    /// Asterisks.
    public var debugDescription: String { description }

    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
