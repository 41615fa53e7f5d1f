/// The payload of a delta, as it stands in the ledger and in the frame: the piece of text, and whose it is.
public enum DeltaPayload {
    private static let head = Array(#"{"content":""#.utf8)
    private static let middle = Array(#"","message_id":""#.utf8)
    private static let tail = Array(#""}"#.utf8)

    /// Appends the payload of an escaped text.
    public static func append(_ escaped: UnsafeRawBufferPointer, messageID: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: head)
        bytes.append(contentsOf: escaped)
        bytes.append(contentsOf: middle)
        bytes.append(contentsOf: messageID)
        bytes.append(contentsOf: tail)
    }
}
