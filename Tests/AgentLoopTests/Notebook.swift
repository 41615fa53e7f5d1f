import AgentLoop

/// What happened on the loop, in order.
@LoopActor final class Notebook<Entry> {
    private(set) var entries: [Entry] = []

    func note(_ entry: Entry) { entries.append(entry) }
}
