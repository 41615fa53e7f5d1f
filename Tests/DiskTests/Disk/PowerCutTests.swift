import AgentTestKit
import Testing

@Suite("What a power cut leaves")
struct PowerCutTests {
    private func written(_ text: String, at offset: Int = 0, in file: String = "a") -> DiskRecording.Operation {
        DiskRecording.Operation(file: file, .written(Array(text.utf8), at: offset))
    }

    private func done(_ kind: DiskRecording.Operation.Kind, to file: String = "a") -> DiskRecording.Operation {
        DiskRecording.Operation(file: file, kind)
    }

    private func left(
        _ operations: [DiskRecording.Operation], _ mode: PowerCut.Mode, seed: UInt64 = 1
    ) -> [String: String] {
        let files = DiskRecording(operations: operations).files(at: operations.count, mode, seed: seed)
        return Dictionary(uniqueKeysWithValues: files.map { ($0.name, String(decoding: $0.bytes, as: UTF8.self)) })
    }

    @Test("is what was synced, whatever becomes of the rest", arguments: PowerCut.Mode.allCases)
    func whatWasSyncedStays(mode: PowerCut.Mode) {
        let synced = [done(.created), written("first"), written("s", at: 5), done(.truncated(to: 6)), done(.synced)]
        for seed in 0..<20 { #expect(left(synced, mode, seed: UInt64(seed)) == ["a": "firsts"]) }
    }

    @Test("is nothing of what was not synced, or all of it")
    func restIsDroppedOrKept() {
        let operations = [done(.created), written("one"), done(.synced), written("two"), written("!", at: 4)]
        #expect(left(operations, .dropped) == ["a": "one"])
        #expect(left(operations, .kept) == ["a": "two\0!"])
        #expect(left(Array(operations[..<2]), .dropped) == [:])
    }

    @Test("may be some writes without others, in any order")
    func someWritesStay() {
        let operations = [done(.created), written("..."), done(.synced)] + [written("a"), written("b", at: 1)]
        let seen = Set((0..<200).compactMap { left(operations, .some, seed: UInt64($0))["a"] })
        #expect(seen == ["...", "a..", ".b.", "ab."])
    }

    @Test("may be a write in part, sector by sector")
    func writesAreTornAtSectors() {
        let operations =
            [done(.created), written(String(repeating: ".", count: 1024)), done(.synced)]
            + [written(String(repeating: "x", count: 1000), at: 12)]
        let seen = Set((0..<400).compactMap { left(operations, .torn, seed: UInt64($0))["a"] })
        let sectors = Set(seen.map { text in [100, 600].map { Array(text.utf8)[$0] == UInt8(ascii: "x") } })
        #expect(seen.count == 4 && sectors.count == 4, "each of two sectors is there or not")
        #expect(seen.allSatisfy { $0.utf8.prefix(12).allSatisfy { $0 == UInt8(ascii: ".") } })
    }

    @Test("has names in the order in which they came and went")
    func namesKeepTheirOrder() {
        let journal = "a-journal"
        let deletion = [
            done(.created, to: journal), written("old", in: journal), done(.synced, to: journal),
            done(.deleted(isDirectorySynced: false), to: journal),
        ]
        #expect(left(deletion, .dropped) == [journal: "old"], "the deletion itself is not on the disk yet")
        #expect(left(deletion, .kept) == [:])
        // The first sync of a new log makes sure of all names in the directory.
        let log = [done(.created, to: "a-wal"), written("new", in: "a-wal"), done(.synced, to: "a-wal")]
        #expect(left(deletion + log, .dropped) == ["a-wal": "new"])
        let again = deletion + [done(.created, to: journal), written("two", in: journal)]
        for seed in 0..<50 {
            let text = left(again, .some, seed: UInt64(seed))[journal]
            #expect([nil, "", "old", "two"].contains(text), "what is written to the new file is not in the old one")
        }
    }

    @Test("is the same for the same seed, on the way or from the start")
    func samePointIsTheSame() {
        let operations =
            [done(.created)] + (0..<50).map { written("\($0)", at: $0 * 7) }
            + [done(.synced)] + (0..<50).map { written("\($0)", at: $0 * 5) }
        let recording = DiskRecording(operations: operations)
        var walk = PowerCut(recording)
        for point in 0...operations.count {
            walk.advance(to: point)
            let files = walk.files(.torn, seed: UInt64(point))
            #expect(files == recording.files(at: point, .torn, seed: UInt64(point)))
        }
    }
}
