import AgentEngine
import AgentLoop
import AgentProtocol

/// The way out.
extension Connection {
    /// Whether more may be read out to the client now. Where all clients together have left too much unread, only one that
    /// has read everything gets more.
    var hasRoom: Bool { outbox.pendingBytes < Limits.outboxBytes && (server.hasRoom(for: 0) || outbox.isEmpty) }

    /// Adds bytes for the client; they leave at the end of the turn, or where they are many at once: a thousand long
    /// answers may end in one turn.
    func append(_ bytes: (inout [UInt8]) -> Void) {
        guard !isClosed else { return }
        outbox.append(bytes)
        if outbox.pendingBytes >= Limits.outboxBytes, !stall.isBlocked { write(mayHangUp: false) }
        server.markDirty(self)
    }

    /// Whether it is on the server's list of connections to write to.
    func markDirty() -> Bool {
        guard !isClosed, !isDirty else { return false }
        isDirty = true
        return true
    }

    /// Whether the client has been handed everything that is meant for it.
    var isFlushed: Bool { outbox.isEmpty && replies.unanswered == 0 && catchingUp.isEmpty }

    /// Writes what the turn brought, and closes when everything has settled.
    func flush() {
        isDirty = false
        guard !isClosed else { return }
        if !outbox.isEmpty, !stall.isBlocked { write() }
        guard !isClosed else { return }
        if hasHungUp, server.hasRoomForCommands { return hungUp() }
        if unfinishedBytes > 0 { takeLines() }
        readPages()
        readOn()
        count()
        if state == .inputEnded, unfinishedBytes == 0, replies.unanswered == 0, streams.isEmpty, outbox.isEmpty {
            close()
            server.engine.settled(client)
        }
    }

    /// Hands the client what there is. In the middle of a turn nobody is to be told that a client has gone: the turn's end
    /// finds out again.
    func write(mayHangUp: Bool = true) {
        lastWrite = EventLoop.shared.now
        let before = outbox.pendingBytes
        let result = outbox.write(to: descriptor)
        if result == .broken { return mayHangUp ? hungUp() : () }
        stall.wrote(before - outbox.pendingBytes, isBlocked: result == .blocked, at: lastWrite)
        // One that fires too early finds that nothing has stalled, which costs less than disarming it at each write.
        if stall.isBlocked, !stallTimer.isArmed { stallTimer.arm(at: stall.deadline) }
        // A client that takes what it is given, and may send, goes on doing so.
        if stall.isBlocked || interest != .readable { updateInterest() }
    }

    /// The kernel asks for more only when much of what it has was read. So a reader is tried once more before it is told
    /// that it takes nothing.
    func stallIsDue() {
        guard stall.isBlocked else { return }
        write()
        server.markDirty(self)
        guard !isClosed, stall.isBlocked else { return }
        let now = EventLoop.shared.now
        if stall.hasStalled(at: now) {
            detachStreams()
            stall.restart(at: now)
        }
        stallTimer.arm(at: stall.deadline)
    }
}
