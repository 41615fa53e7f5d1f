import AgentEngine
import AgentLoop
import AgentProtocol

/// The runs that a client reads, and those of them that are ahead of it.
extension Connection {
    /// Whether there is room for one stream more.
    var hasRoomForStream: Bool { streams.count < Limits.streams }

    func add(_ stream: EventStream) { streams[ObjectIdentifier(stream)] = stream }

    /// A stream has had its last event.
    func ended(_ stream: EventStream) {
        forget(stream)
        server.markDirty(self)
    }

    private func forget(_ stream: EventStream) {
        streams[ObjectIdentifier(stream)] = nil
        catchingUp.removeAll { $0 === stream }
    }

    /// A stream wants no more of its run.
    func leave(_ stream: EventStream) {
        if let cursor = stream.cursor { server.engine.leave(cursor) }
    }

    /// The stream of a run ends here, because the client wants no more of it, or another one in its place. One whose
    /// reply has not left belongs to a later command, even if its run was found first.
    func endStream(of run: RunID) {
        for stream in streams.values where stream.runID == run && stream.isOpen && !stream.hasEnded {
            stream.close()
            leave(stream)
            ended(stream)
        }
    }

    /// Ends every stream of a reader that takes nothing. What has been queued for it is still on its way; from where it
    /// may go on stands behind that.
    func detachStreams() {
        for stream in streams.values where stream.isOpen && !stream.hasEnded {
            stream.close()
            leave(stream)
            forget(stream)
            append { $0.append(contentsOf: stream.detachedFrame("slow_reader")) }
        }
    }

    // MARK: Catching up

    /// A stream is behind its run: it reads on as the client has room, after those that wait already.
    func catchUp(_ stream: EventStream) {
        guard !catchingUp.contains(where: { $0 === stream }) else { return }
        catchingUp.append(stream)
        server.markDirty(self)
    }

    /// Lets the streams that are behind read on by turns. One at a time asks the ledger, so that what comes from there is
    /// never much more than there is room for. One who reads as fast as it is written to takes its turns like all others.
    func readOn() {
        guard !catchingUp.isEmpty, hasRoom else { return }
        guard lastReadOn != EventLoop.shared.turn else { return EventLoop.post { [self] in server.markDirty(self) } }
        lastReadOn = EventLoop.shared.turn
        for stream in catchingUp {
            guard hasRoom, !catchingUp.contains(where: { $0.cursor?.isReading == true }) else { return }
            guard let cursor = stream.cursor else { continue }
            catchingUp.removeAll { $0 === stream }
            server.engine.resume(cursor)
            if cursor.isCatchingUp, !stream.hasEnded { catchingUp.append(stream) }
        }
    }
}
