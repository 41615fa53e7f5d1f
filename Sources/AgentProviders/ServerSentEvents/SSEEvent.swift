/// One event of a stream of server-sent events. The bytes are valid only while it is handed out.
struct SSEEvent {
    /// The event's name; empty when none was given, which means `message`.
    let name: UnsafeRawBufferPointer
    /// The data lines, joined by line feeds.
    let data: UnsafeRawBufferPointer

    /// Whether the name is this one.
    func isNamed(_ name: StaticString) -> Bool { self.name.hasSameBytes(as: name) }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of a word of ours.
    func hasSameBytes(as word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        let other = word.utf8Start
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }
}
