import AgentProtocol
import Glibc

/// What the last chunk was, but for its piece of text.
///
/// The chunks of an answer differ in little else. A chunk that begins and ends as one did that held nothing but text, and
/// whose middle is the whole of a JSON string, holds nothing but text either: it needs no reading.
struct ChunkShape {
    /// Most bytes of a shape. What chunks carry beyond that differs from one to the next, and is not kept for a stream's
    /// life.
    private static let maxBytes = 4096

    /// Up to the text, its opening quote included.
    private var head: [UInt8] = []
    /// From the text's closing quote on.
    private var tail: [UInt8] = []

    /// Remembers a chunk that has been read and held nothing but a piece of text, which is part of it.
    mutating func learn(_ chunk: UnsafeRawBufferPointer, text: JSONCursor.Slice) {
        guard let start = chunk.baseAddress, let textStart = text.bytes.baseAddress else { return }
        guard chunk.count - text.bytes.count <= Self.maxBytes else { return }
        let offset = textStart - start
        head.removeAll(keepingCapacity: true)
        head.append(contentsOf: chunk[..<offset])
        tail.removeAll(keepingCapacity: true)
        tail.append(contentsOf: chunk[(offset + text.bytes.count)...])
    }

    /// The text of a chunk of this shape; nil for any other chunk, which has to be read.
    func text(of chunk: UnsafeRawBufferPointer) -> JSONCursor.Slice? {
        guard !head.isEmpty, chunk.count >= head.count + tail.count,
            memcmp(chunk.baseAddress!, head, head.count) == 0,
            memcmp(chunk.baseAddress! + chunk.count - tail.count, tail, tail.count) == 0
        else { return nil }
        // The quotes before and after it belong to the string.
        var cursor = JSONCursor(UnsafeRawBufferPointer(rebasing: chunk[(head.count - 1)...(chunk.count - tail.count)]))
        do throws(JSONError) {
            let text = try cursor.string()
            try cursor.finish()
            return text
        } catch {
            // What stands there is more than a string, or less: reading will tell.
            return nil
        }
    }
}
