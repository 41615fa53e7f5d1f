/// Keeps replies in the order of their commands: a reply leaves when all before it have left.
struct ReplyQueue<Stream> {
    /// A command's place in the order.
    struct Slot: Equatable { fileprivate let number: Int }

    private struct Entry {
        /// What the command takes until it has its answer.
        let weight: Int
        var reply: [UInt8]?
        var stream: Stream?
    }

    private var entries: [Entry] = []
    private var firstNumber = 0
    /// Bytes of replies that wait for an earlier one.
    private(set) var heldBytes = 0
    /// What the commands take that have no answer yet.
    private(set) var unansweredBytes = 0

    /// Commands without a reply that has left.
    var unanswered: Int { entries.count }

    /// A command has come, and takes so many bytes until it has its answer.
    mutating func open(_ weight: Int = 0) -> Slot {
        entries.append(Entry(weight: weight))
        unansweredBytes += weight
        return Slot(number: firstNumber + entries.count - 1)
    }

    /// Whether all others wait for this command's reply.
    func isFirst(_ slot: Slot) -> Bool { slot.number == firstNumber }

    /// A command has its reply, and perhaps a stream that begins with it.
    mutating func fill(_ slot: Slot, _ reply: [UInt8], opening stream: Stream?) {
        let index = slot.number - firstNumber
        precondition(entries.indices.contains(index) && entries[index].reply == nil, "a command has one reply")
        entries[index].reply = reply
        entries[index].stream = stream
        heldBytes += reply.count
        unansweredBytes -= entries[index].weight
    }

    /// The next reply whose turn it is.
    mutating func next() -> (reply: [UInt8], stream: Stream?)? {
        guard let first = entries.first, let reply = first.reply else { return nil }
        entries.removeFirst()
        firstNumber += 1
        heldBytes -= reply.count
        return (reply, first.stream)
    }
}
