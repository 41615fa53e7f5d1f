/// A way to cut a stream into the pieces in which it arrives.
enum Cut: CaseIterable {
    /// In one piece.
    case whole
    /// Byte by byte.
    case bytes
    /// In pieces of up to 32 bytes, at places which the stream itself decides: the same input is always cut the same way.
    case random

    /// Hands out the pieces in their order. Each is alone in its memory, which afterwards is another piece's or nobody's: so
    /// it is seen when somebody reads beyond a piece, or one that is over.
    func forEachPiece(of stream: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        switch self {
        case .whole: body(stream)
        case .bytes:
            withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { place in
                for byte in stream {
                    place[0] = byte
                    body(UnsafeRawBufferPointer(place))
                }
            }
        case .random:
            var random = Digest(of: stream).value
            var rest = stream[...]
            while !rest.isEmpty {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let piece = Array(rest.prefix(1 + Int(random >> 59)))
                rest = rest.dropFirst(piece.count)
                piece.withUnsafeBytes(body)
            }
        }
    }
}

/// A number that an input decides, for choices that are not to be part of the input (FNV-1a).
struct Digest {
    let value: UInt64

    init(of bytes: UnsafeRawBufferPointer) {
        value = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
