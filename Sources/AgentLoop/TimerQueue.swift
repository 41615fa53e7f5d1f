/// Armed timers by deadline: a binary heap of plain values, so that sifting moves no reference counts.
@LoopActor struct TimerQueue {
    private struct Entry {
        var deadline: Int64
        var slot: Int32
    }

    /// Nanoseconds to which deadlines are rounded up.
    private static let grain: Int64 = 1_000_000

    private var heap: [Entry] = []
    /// Where each slot's entry is in the heap.
    private var places: [Int32] = []
    private var timers: [LoopTimer?] = []
    private var freeSlots: [Int32] = []

    /// The earliest deadline in nanoseconds of the monotonic clock.
    var nextDeadline: Int64? { heap.first?.deadline }

    mutating func arm(_ timer: LoopTimer, at deadline: Int64) {
        let rounded = (deadline / Self.grain + 1) * Self.grain
        if timer.slot >= 0 {
            let place = Int(places[Int(timer.slot)])
            heap[place].deadline = rounded
            siftDown(from: siftUp(from: place))
            return
        }
        let slot: Int32
        if let free = freeSlots.popLast() {
            slot = free
            timers[Int(slot)] = timer
        } else {
            slot = Int32(timers.count)
            timers.append(timer)
            places.append(0)
        }
        timer.slot = slot
        heap.append(Entry(deadline: rounded, slot: slot))
        places[Int(slot)] = Int32(heap.count - 1)
        siftUp(from: heap.count - 1)
    }

    mutating func disarm(_ timer: LoopTimer) {
        guard timer.slot >= 0 else { return }
        _ = remove(at: Int(places[Int(timer.slot)]))
    }

    /// Takes the earliest timer that is due out of the queue.
    mutating func popDue(_ now: Int64) -> LoopTimer? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        return remove(at: 0)
    }

    private mutating func remove(at place: Int) -> LoopTimer {
        let slot = heap[place].slot
        let last = heap.removeLast()
        if place < heap.count {
            heap[place] = last
            places[Int(last.slot)] = Int32(place)
            siftDown(from: siftUp(from: place))
        }
        freeSlots.append(slot)
        let timer = timers[Int(slot)]!
        timers[Int(slot)] = nil
        timer.slot = -1
        return timer
    }

    @discardableResult
    private mutating func siftUp(from start: Int) -> Int {
        var place = start
        let entry = heap[place]
        while place > 0 {
            let parent = (place - 1) / 2
            guard entry.deadline < heap[parent].deadline else { break }
            put(heap[parent], at: place)
            place = parent
        }
        put(entry, at: place)
        return place
    }

    private mutating func siftDown(from start: Int) {
        var place = start
        let entry = heap[place]
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].deadline < heap[child].deadline { child += 1 }
            guard heap[child].deadline < entry.deadline else { break }
            put(heap[child], at: place)
            place = child
        }
        put(entry, at: place)
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        heap[place] = entry
        places[Int(entry.slot)] = Int32(place)
    }
}
