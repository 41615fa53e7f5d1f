import Testing

@testable import AgentServer

@Suite struct ReplyQueueTests {
    private func leaving(_ queue: inout ReplyQueue<String>) -> [String] {
        var left: [String] = []
        while let next = queue.next() {
            left.append(String(decoding: next.reply, as: UTF8.self) + (next.stream.map { "+" + $0 } ?? ""))
        }
        return left
    }

    @Test func aReplyWaitsForAllBeforeIt() {
        var queue = ReplyQueue<String>()
        let slots = (0..<4).map { _ in queue.open() }
        #expect(queue.unanswered == 4)
        queue.fill(slots[2], Array("c".utf8), opening: "stream")
        queue.fill(slots[1], Array("b".utf8), opening: nil)
        #expect(leaving(&queue) == [])
        queue.fill(slots[0], Array("a".utf8), opening: nil)
        #expect(leaving(&queue) == ["a", "b", "c+stream"])
        #expect(queue.unanswered == 1)
        queue.fill(slots[3], Array("d".utf8), opening: nil)
        #expect(leaving(&queue) == ["d"])
        #expect(queue.unanswered == 0)
    }

    @Test func countsWhatWaitsAndKnowsForWhom() {
        var queue = ReplyQueue<String>()
        let slots = (0..<3).map { _ in queue.open() }
        #expect(queue.isFirst(slots[0]) && !queue.isFirst(slots[1]))
        queue.fill(slots[1], [1, 2, 3], opening: nil)
        queue.fill(slots[2], [4], opening: nil)
        #expect(queue.heldBytes == 4)
        queue.fill(slots[0], [5, 6], opening: nil)
        #expect(leaving(&queue).count == 3 && queue.heldBytes == 0)
    }

    @Test func keepsTheOrderWhateverTheOrderOfTheAnswers() {
        var queue = ReplyQueue<String>()
        var left: [String] = []
        var open: [(ReplyQueue<String>.Slot, Int)] = []
        for number in 0..<500 {
            open.append((queue.open(), number))
            while open.count > 20 || (number == 499 && !open.isEmpty) {
                let (slot, answered) = open.remove(at: Int.random(in: open.indices))
                queue.fill(slot, Array("\(answered)".utf8), opening: nil)
                left += leaving(&queue)
            }
        }
        #expect(left == (0..<500).map(String.init))
    }
}
