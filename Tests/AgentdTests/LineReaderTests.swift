import AgentSystem
import Glibc
import Testing

@testable import agentd

@Suite struct LineReaderTests {
    /// Bytes on their way to a reader.
    private final class Source {
        let reading: Int32
        private var writing: Int32

        init() {
            var ends: [Int32] = [-1, -1]
            precondition(pipe(&ends) == 0)
            (reading, writing) = (ends[0], ends[1])
        }

        deinit {
            end()
            close(reading)
        }

        func write(_ text: String) { _ = Glibc.write(writing, text, text.utf8.count) }

        func end() {
            if writing >= 0 { close(writing) }
            writing = -1
        }
    }

    private func lines(_ pieces: [String]) throws -> [String] {
        let source = Source()
        var reader = LineReader(descriptor: source.reading)
        var lines: [String] = []
        func take(until deadline: ContinuousClock.Instant?) throws {
            while case .line(let line) = try reader.next(until: deadline) {
                lines.append(String(decoding: line, as: UTF8.self))
            }
        }
        for piece in pieces {
            source.write(piece)
            try take(until: .now + .milliseconds(1))
        }
        source.end()
        try take(until: nil)
        return lines
    }

    @Test func givesLinesWithoutTheirEndsAndSkipsSpace() throws {
        #expect(try lines(["a\n\n   \n  b c \n\r\n \t d\n"]) == ["a", "b c ", "d"])
        #expect(try lines([]) == [])
        #expect(try lines(["\n\n  "]) == [])
    }

    @Test(arguments: 1...5) func everySizeOfPiecesGivesTheSameLines(size: Int) throws {
        let text = Array("{\"a\":1}\n {\"b\":2}\n\n   {\"c\":3}\nx\n")
        let pieces = stride(from: 0, to: text.count, by: size).map { String(text[$0..<min($0 + size, text.count)]) }
        #expect(try lines(pieces) == ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}", "x"])
    }

    @Test func aLineThatTheEndCutsOffIsNone() throws {
        #expect(try lines(["whole\n{\"event\":\"run_con"]) == ["whole"])
        #expect(try lines(["torn"]) == [])
    }

    @Test func tellsTheEndAgainAndAgain() throws {
        let source = Source()
        source.write("a\n")
        source.end()
        var reader = LineReader(descriptor: source.reading)
        guard case .line = try reader.next() else {
            Issue.record("the last line is missing")
            return
        }
        for _ in 0..<2 {
            guard case .end = try reader.next() else {
                Issue.record("no end")
                return
            }
        }
    }

    @Test func keepsItsDeadlineAndWhatHasComeSoFar() throws {
        let source = Source()
        source.write("half")
        var reader = LineReader(descriptor: source.reading)
        let started = ContinuousClock.now
        guard case .deadline = try reader.next(until: started + .milliseconds(20)) else {
            Issue.record("no deadline")
            return
        }
        #expect(ContinuousClock.now - started >= .milliseconds(20))
        source.write(" and half\n")
        guard case .line(let line) = try reader.next(until: .now + .seconds(20)) else {
            Issue.record("no line")
            return
        }
        #expect(String(decoding: line, as: UTF8.self) == "half and half")
    }

    @Test func aSignalComesBeforeALine() throws {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
        let signals = try SignalDescriptor([SIGUSR1])
        defer { close(signals.fileDescriptor) }
        let source = Source()
        source.write("a\n")
        raise(SIGUSR1)
        var reader = LineReader(descriptor: source.reading)
        guard case .signal(SIGUSR1) = try reader.next(signals: signals) else {
            Issue.record("no signal")
            return
        }
        guard case .line = try reader.next(signals: signals) else {
            Issue.record("the line is lost")
            return
        }
    }

    @Test func aDescriptorThatCannotBeReadIsAFailure() throws {
        let directory = try #require(opendir("/"))
        defer { closedir(directory) }
        var reader = LineReader(descriptor: dirfd(directory))
        let failure = #expect(throws: ClientFailure.self) { try reader.next() }
        #expect(failure?.message.hasPrefix("read: ") == true)
    }

    @Test func aLineWithoutEndIsAFailureAndBounded() throws {
        let file = try #require(fopen("/dev/zero", "r"))
        defer { fclose(file) }
        var reader = LineReader(descriptor: fileno(file))
        let failure = #expect(throws: ClientFailure.self) { try reader.next() }
        #expect(failure?.message == "the other side sent a line without end")
    }
}
