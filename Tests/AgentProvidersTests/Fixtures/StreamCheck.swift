import Testing

@testable import AgentProviders

/// Runs a fixture in every way it may be cut.
enum StreamCheck {
    static func run(_ fixture: StreamFixture) {
        let bytes = Array(fixture.stream.utf8)
        let whole = Feeding.whole(bytes, fixture.decoder())
        #expect(whole == fixture.expected, "\(fixture.name), whole")
        #expect(Feeding.byteByByte(bytes, fixture.decoder()) == fixture.expected, "\(fixture.name), byte by byte")
        if let (place, told) = Feeding.splits(bytes, fixture.decoder(), expected: whole) {
            Issue.record("\(fixture.name), cut at \(place): \(told)")
        }
        #expect(!whole.said.contains("\u{FFFD}") && !whole.thought.contains("\u{FFFD}"))
    }

    /// Changes, drops and doubles bytes at random: whatever comes out, it keeps the rules of every decoder, has one last
    /// word, and is the same however the stream is cut.
    static func damage(_ fixtures: [StreamFixture], rounds: Int = 20) {
        var random = RandomNumbers(seed: 7)
        for fixture in fixtures {
            for _ in 0..<rounds {
                var bytes = Array(fixture.stream.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes.remove(at: place)
                    case 1: bytes.insert(bytes[place], at: place)
                    case 2: bytes[place] = random.one(of: Array("\"\\{}[]:,\n\rnu0".utf8))
                    default: bytes[place] = UInt8.random(in: 0...255, using: &random)
                    }
                }
                let told = Feeding.whole(bytes, fixture.decoder())
                #expect(told.faults.isEmpty && !told.end.isEmpty, "\(fixture.name): \(bytes)")
                #expect(told == Feeding.byteByByte(bytes, fixture.decoder()), "\(fixture.name): \(bytes)")
            }
        }
    }
}

extension StreamFixture: CustomTestStringConvertible {
    var testDescription: String { name }
}
