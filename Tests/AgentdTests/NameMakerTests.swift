import Testing

@testable import agentd

@Suite struct NameMakerTests {
    @Test func namesAreOfOneLengthAndOfTheAlphabetOfIdentifiers() {
        var names = NameMaker()
        for time in [0, 1, 1_790_000_000_000, (1 << 48) - 1] as [Int64] {
            let name = names.next(at: time)
            #expect(name.utf8.count == 26)
            #expect(name.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz".contains($0) })
        }
    }

    @Test func laterNamesSortAfterEarlierOnes() {
        var names = NameMaker()
        let made = (0..<1_000).map { names.next(at: 1_790_000_000_000 + Int64($0) * 37) }
        #expect(made == made.sorted())
        #expect(Set(made).count == made.count)
    }

    @Test func namesOfOneMillisecondAreDifferentAndInTheirOrder() {
        var names = NameMaker()
        let made = (0..<100_000).map { _ in names.next(at: 1_790_000_000_000) }
        #expect(zip(made, made.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func aClockThatIsSetBackDoesNotDisturbTheOrder() {
        var names = NameMaker()
        var made = (0..<100).map { names.next(at: 1_790_000_000_000 + Int64($0)) }
        made += (0..<100).map { names.next(at: 1_000_000_000_000 + Int64($0)) }
        made += [names.next(at: 1_790_000_001_000)]
        #expect(zip(made, made.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func twoMakersDoNotMakeTheSame() {
        var (first, second) = (NameMaker(), NameMaker())
        let made = (0..<1_000).flatMap { _ in [first.next(at: 5), second.next(at: 5)] }
        #expect(Set(made).count == made.count)
    }

    @Test func stepsWithinAMillisecondCannotBeGuessed() {
        var names = NameMaker()
        let made = (0..<100).map { _ in names.next(at: 5) }
        // Neighbours that differ in one letter only would come of counting.
        let tails = zip(made, made.dropFirst()).filter { $0.prefix(25) == $1.prefix(25) }
        #expect(tails.isEmpty)
    }
}
