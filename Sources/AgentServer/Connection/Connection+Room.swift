/// A connection's share of what all clients together may take.
extension Connection {
    /// Lines up to which a client that waits for no answer is always listened to.
    private static let shortBytes = 2 * readBytes

    /// Where the commands of all clients take too much together, only one that waits for no answer is taken another from,
    /// and only a short one.
    var hasRoomForCommands: Bool {
        server.hasRoomForCommands || replies.unanswered == 0 && unfinishedBytes <= Self.shortBytes
    }

    /// Tells the server what is kept for this client.
    func count() {
        // What a client that is gone has asked for is still done.
        var now = (unread: 0, unfinished: 0, unanswered: replies.unansweredBytes)
        if !isClosed {
            now.unread = outbox.pendingBytes + replies.heldBytes
            now.unfinished = unfinishedBytes
        }
        guard now != counted else { return }
        server.count(
            unread: now.unread - counted.unread, unfinished: now.unfinished - counted.unfinished,
            unanswered: now.unanswered - counted.unanswered)
        counted = now
    }

    /// Nothing more is taken until there is room.
    func waitForRoom() {
        guard !waitsForRoom else { return }
        waitsForRoom = true
        server.waitForRoom(self)
    }

    /// There is room for more commands again.
    func roomCame() {
        waitsForRoom = false
        updateInterest()
        server.markDirty(self)
    }
}
