/// Turns the bytes of a provider's answer into what the model says. Pure: no clock, no socket.
///
/// The last word is one `ended` or one `failed`; nothing comes out after it, whatever arrives.
protocol StreamDecoder {
    /// Takes what has arrived, cut anywhere.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, _ output: (StreamOutput) -> Void)

    /// Nothing more will arrive. If the answer had not come to its end, it fails as truncated.
    mutating func end(_ output: (StreamOutput) -> Void)

    /// Whether the answer would count as whole if nothing more arrived: true from the reason for its end on. A peer
    /// that resets the connection, or falls silent, after that has told everything.
    var isWhole: Bool { get }

    /// Whether the last word has been said.
    var isOver: Bool { get }
}
