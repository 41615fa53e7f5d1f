import AgentEngine
import AgentTestKit
import Testing

@Suite struct PackedBoundariesTests {
    private typealias Cut = (time: Int64, length: Int)

    private static func read(_ bytes: [UInt8], count: Int, start: Int64) -> [Cut] {
        var reader = PackedBoundaries.Reader(bytes, count: count, start: start)
        var cuts: [Cut] = []
        while let cut = reader.next() { cuts.append(cut) }
        return cuts
    }

    private static func pack(_ cuts: [Cut], start: Int64) -> [UInt8] {
        var packed = PackedBoundaries(start: start)
        for cut in cuts { packed.append(time: cut.time, length: cut.length) }
        return packed.bytes
    }

    @Test(arguments: 0..<200) func whatIsReadIsWhatWasPacked(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let start: Int64 = 1_790_000_000_000
        var time = start
        let cuts = (0..<random.below(600)).map { _ -> Cut in
            // Bursts, pauses, hours, and a clock that is set back.
            let steps: [Int64] = [0, 0, 1, 20, 21, 300, 3_600_000, -5, -86_400_000, Int64(random.below(1 << 30))]
            time += random.pick(steps)
            return (time, random.pick([0, 1, 3, 4, 5, 5, 17, 4096, Int.max, random.below(1 << 40)]))
        }
        let read = Self.read(Self.pack(cuts, start: start), count: cuts.count, start: start)
        #expect(read.map(\.time) == cuts.map(\.time))
        #expect(read.map(\.length) == cuts.map(\.length))
    }

    @Test func timesMayLieAnywhere() {
        let cuts: [Cut] = [(.max, 1), (.min, 2), (0, 3), (.min, 4), (-1, 5)]
        let read = Self.read(Self.pack(cuts, start: 7), count: cuts.count, start: 7)
        #expect(read.map(\.time) == cuts.map(\.time))
    }

    @Test func aUsualStreamTakesLessThanAByteForEachEvent() {
        var random = SeededRandom(seed: 7)
        var time: Int64 = 0
        let cuts = (0..<500).map { _ -> Cut in
            time += Int64(18 + random.below(5))
            return (time, [1, 2, 3, 4, 4, 5, 5, 6, 7, 9][random.below(10)])
        }
        #expect(Self.pack(cuts, start: 0).count < 500)
        let even = (0..<500).map { (time: Int64($0 * 20), length: 5) }
        #expect(Self.pack(even, start: 0).count < 50)
    }

    @Test func damageIsNoticed() {
        let cuts = (0..<100).map { (time: Int64($0 * 20), length: 1 + $0 % 7) }
        let bytes = Self.pack(cuts, start: 0)
        var unnoticed = 0
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x10
            if Self.read(damaged, count: 100, start: 0).count == 100 { unnoticed += 1 }
        }
        // The check is one byte.
        #expect(unnoticed <= 1 + bytes.count / 64)
    }
}
