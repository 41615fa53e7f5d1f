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
            let before = life == 1 ? 0 : day.disk.writers
            if life > 1 { day.house = try PowerHouse(in: day.directory.path, on: day.disk, day.environment, day.book) }
            try await day.live(steps: steps)
            // Some daemons end with live runs: the next one has to close them.
            if day.random.chance(50) {
                day.house.engine.endAllRuns()
                await day.house.settle()
            }
            if let failure = day.house.failure { throw failure }
            try day.house.close()
            writers.append(day.disk.writers - before)
        }
        return Record(recording: day.disk.recording, testimony: day.book.testimony, writers: writers)
    }

    /// Plays a day whose disk fails; nil when it was over before the fault could come.
    static func play(seed: UInt64, steps: Int, fault: DiskFault) async throws -> Record? {
        var day = try PowerDay(seed: seed)
        day.disk.fail(fault)
        try await day.live(steps: steps)
        if day.disk.failures > 0 {
            // What is under way may still want to say something; it must not.
            for _ in 0..<5 { day.step() }
            let isTold = await eventually { day.house.failure != nil }
            if !isTold { day.book.testimony.findings.append("the disk has failed, and nobody is told") }
            await day.house.settle()
            // The process is gone; the recording has what it did before.
            day.book.testimony.isComplete = false
        }
        let recording = day.disk.recording
        if day.disk.failures > 0 { day.disk.kill() }
        do {
            try day.house.close()
        } catch {
            // The checkpoint at the end is the last that may fail.
            guard day.disk.failures > 0 else { throw error }
            return Record(recording: day.disk.recording, testimony: day.book.testimony, writers: [])
        }
        guard day.disk.failures > 0 else { return nil }
        return Record(recording: recording, testimony: day.book.testimony, writers: [])
    }

    private mutating func live(steps: Int) async throws {
        for _ in 0..<steps where house.failure == nil {
            step()
            await house.settle()
        }
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
