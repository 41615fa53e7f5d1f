import AgentEngine
import AgentLoop
import AgentProtocol
import AgentTestKit

/// A busy day that a seed decides: runs with streamed text, reasoning, calls, stops and failures, and restarts in
/// between. The disk is recorded from the first byte on.
@LoopActor struct PowerDay {
    /// What came of it.
    struct Record: Sendable {
        let recording: DiskRecording
        let testimony: Testimony
        /// Connections that wrote, for each time that the house was opened.
        let writers: [Int]
    }

    private let directory: TemporaryDirectory
    private let disk: FaultyDisk
    private let environment = ManualEnvironment()
    private let book = PowerHouse.Book()
    private var random: SeededRandom
    private var house: PowerHouse

    private init(seed: UInt64) throws {
        directory = try TemporaryDirectory()
        disk = try FaultyDisk(directory.path)
        try disk.record()
        random = SeededRandom(seed: seed)
        house = try PowerHouse(in: directory.path, on: disk, environment, book)
    }

    /// Plays a day of so many lives with so many steps each.
    static func play(seed: UInt64, lives: Int, steps: Int) async throws -> Record {
        var day = try PowerDay(seed: seed)
        var writers: [Int] = []
        for life in 1...lives {
            let before = day.disk.writers
            if life > 1 { day.house = try PowerHouse(in: day.directory.path, on: day.disk, day.environment, day.book) }
            for _ in 0..<steps {
                day.step()
                await day.house.settle()
            }
            // Some daemons end with live runs: the next one has to close them.
            if day.random.chance(50) {
                day.house.engine.endAllRuns()
                await day.house.settle()
            }
            if let failure = day.house.failure { throw failure }
            try day.house.close()
            writers.append(day.disk.writers - (life > 1 ? before : 0))
        }
        return Record(recording: day.disk.recording, testimony: day.book.testimony, writers: writers)
    }

    private mutating func step() {
        for _ in 0..<random.pick([1, 1, 2, 5]) {
            switch random.below(100) {
            case ..<12: ask()
            case ..<17: stop()
            default: speak()
            }
        }
    }

    private mutating func ask() {
        house.run(text(), session: "s\(random.below(12))")
    }

    private mutating func stop() {
        let open = house.provider.openCalls
        if !open.isEmpty { house.stop(random.pick(open).runID) }
    }

    private mutating func speak() {
        let open = house.provider.openCalls
        guard !open.isEmpty else { return ask() }
        let call = random.pick(open)
        switch random.below(100) {
        case ..<70: call.say(text())
        case ..<78: call.think(text())
        case ..<86: call.call("search", arguments: ["q": .string(text())])
        case ..<96: call.end(.stop)
        default: call.fail()
        }
    }

    private static let words = ["one ", "word ", "after ", "the ", "other ", "é", "😀", "\"", "\n", "\n\n", "\\"]

    private mutating func text() -> String {
        let count = random.chance(3) ? 1500 : random.pick([1, 1, 3, 10, 40])
        return (0..<count).map { _ in random.pick(Self.words) }.joined()
    }
}
