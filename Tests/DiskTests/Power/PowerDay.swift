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

        /// How often something was deleted.
        var deletions: Int { testimony.deletions.count { $0.acknowledgedAt != nil && !$0.runs.isEmpty } }

        /// How many bytes the file has given back.
        var givenBack: Int {
            var (size, bytes) = (0, 0)
            for operation in recording.operations where operation.file == "agentd.db" {
                switch operation.kind {
                case .written(let written, let offset): size = max(size, offset + written.count)
                case .truncated(let end):
                    bytes += max(0, size - end)
                    size = end
                default: break
                }
            }
            return bytes
        }
    }

    private let directory: TemporaryDirectory
    private let disk: FaultyDisk
    private let environment = ManualEnvironment()
    private let book = PowerHouse.Book()
    private var random: SeededRandom
    private var house: PowerHouse
    private var questions = 0

    private init(seed: UInt64) throws {
        directory = try TemporaryDirectory()
        disk = try FaultyDisk(directory.path)
        try disk.record()
        random = SeededRandom(seed: seed)
        house = try PowerHouse(in: directory.path, on: disk, environment, book)
    }

    /// Plays a day of so many lives with so many steps each; a long one begins with long answers.
    static func play(seed: UInt64, lives: Int, steps: Int, isLong: Bool = false) async throws -> Record {
        var day = try PowerDay(seed: seed)
        if isLong { try await day.talkLong() }
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
            case ..<15: ask()
            case ..<19: stop()
            case ..<22: house.update(session())
            case ..<26: delete()
            default: speak()
            }
        }
    }

    private mutating func session() -> String { "s\(random.below(12))" }

    /// Each session is one user's.
    private static func user(of session: String) -> String { "u\(session.utf8.reduce(0) { ($0 + Int($1)) % 5 })" }

    private mutating func ask() {
        let session = session()
        questions += 1
        house.run(
            "<\(questions)> " + text(), session: session, user: Self.user(of: session),
            onBusy: random.pick([.reject, .queue, .queue, .replace]), isBound: random.chance(50))
    }

    private mutating func stop() {
        if random.chance(20) { return house.stopAll(of: session()) }
        let open = house.provider.openCalls
        if !open.isEmpty { house.stop(random.pick(open).runID) }
    }

    private mutating func delete() {
        let session = session()
        let user = Self.user(of: session)
        if random.chance(30) {
            house.delete(DeleteCommand(userID: UserID(trusted: user))) {
                $0.hasPrefix("s") && Self.user(of: $0) == user
            }
        } else {
            house.delete(DeleteCommand(sessionID: SessionID(trusted: session))) { $0 == session }
        }
    }

    private mutating func speak() {
        let open = house.provider.openCalls
        guard !open.isEmpty else { return ask() }
        let call = random.pick(open)
        switch random.below(100) {
        case ..<66: call.say(tag(of: call) + text())
        case ..<74: call.think(tag(of: call) + text())
        case ..<84: call.call("search", arguments: ["q": .string(text())])
        case ..<96: call.end(.stop)
        default: call.fail()
        }
    }

    /// What a question begins with is found in its answers too.
    private func tag(of call: SimulatedCall) -> String {
        let question = call.request.messages.last { $0.role == .user }?.content ?? ""
        return question.prefix { $0 != " " } + " "
    }

    // MARK: Long answers

    /// Answers of many pieces, whose deltas are swept, and large conversations that are deleted, so that the file gives
    /// pages back.
    private mutating func talkLong() async throws {
        for index in 0..<6 {
            questions += 1
            house.run("<\(questions)> " + String(repeating: "x", count: 600_000), session: "big\(index)", user: "big")
            await house.settle()
            for call in house.provider.openCalls { call.end(.stop) }
        }
        await talk()
        house.delete(DeleteCommand(userID: UserID(trusted: "big"))) { $0.hasPrefix("big") }
        await house.settle()
        await talk()
        for _ in 0..<100 where !house.isSwept {
            step()
            await house.settle()
            await nextMillisecond()
        }
        if let failure = house.failure { throw failure }
    }

    /// More pieces than are swept in one bite, by as many runs as may be live; then each begins another step.
    private mutating func talk() async {
        for call in house.provider.openCalls { call.end(.stop) }
        await house.settle()
        for index in 0..<PowerHouse.liveRuns {
            questions += 1
            house.run("<\(questions)> why?", session: "long\(index)", user: "long")
        }
        await house.settle()
        await chat(turns: 1200 / PowerHouse.liveRuns)
        for call in house.provider.openCalls {
            call.call("search")
            call.end(.stop)
        }
        await house.settle()
        await chat(turns: 10)
    }

    private mutating func chat(turns: Int) async {
        for _ in 0..<turns {
            for call in house.provider.openCalls { call.say(random.pick(Self.words)) }
            await house.settle()
        }
    }

    private static let words = ["one ", "word ", "after ", "the ", "other ", "é", "😀", "\"", "\n", "\n\n", "\\"]

    private mutating func text() -> String {
        let count = random.chance(3) ? 1500 : random.pick([1, 1, 3, 10, 40])
        return (0..<count).map { _ in random.pick(Self.words) }.joined()
    }
}
