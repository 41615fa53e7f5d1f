import AgentEngine
import AgentProtocol

/// The large replies: one after another for each client, and for all of them no more than may wait to be read.
extension Connection {
    /// A page that was asked for.
    struct Page {
        let slot: ReplyQueue<StreamOpening>.Slot
        let read: () -> Void
    }

    /// Reads a page when the one before has come and the client has read what was there; other commands overtake it.
    func readPage(for slot: ReplyQueue<StreamOpening>.Slot, _ read: @escaping () -> Void) {
        pages.append(Page(slot: slot, read: read))
        readPages()
    }

    /// A page that was being read has its reply.
    func pageCame() {
        isReadingPage = false
        readPages()
    }

    /// The page that all other replies wait for does not wait for them.
    func readPages() {
        guard let page = pages.first, !isReadingPage, hasRoom,
            replies.heldBytes < Limits.outboxBytes || replies.isFirst(page.slot)
        else { return }
        pages.removeFirst()
        isReadingPage = true
        page.read()
    }

    /// Nobody reads the pages any more that were asked for.
    func dropPages() {
        for page in pages { replies.fill(page.slot, [], opening: nil) }
        pages = []
        count()
    }

    /// What a page becomes when others have left no room for it.
    func bounded(_ page: Result<[UInt8], AgentError>) -> Result<[UInt8], AgentError> {
        guard case .success(let bytes) = page, !server.hasRoom(for: bytes.count) else { return page }
        return .failure(.crowded("clients have not read the replies and events that wait for them"))
    }
}
