@testable import AgentProviders

/// However a stream is cut, the decoder of server-sent events finds what the standard's own steps find.
enum EventTarget {
    /// What came out of a stream.
    private struct Seen: Equatable {
        var events: [[[UInt8]]] = []
        var isPending = false
        var isTooLarge = false
    }

    static func check(_ input: UnsafeRawBufferPointer) throws(Finding) {
        for limit in [24, 1 << 20] {
            let expected = interpret(input, limit)
            for cut in Cut.allCases {
                let seen = decode(input, cut, limit)
                try Finding.unless(seen == expected, "cut \(cut), limit \(limit): \(seen), not \(expected)")
            }
        }
    }

    private static func decode(_ input: UnsafeRawBufferPointer, _ cut: Cut, _ limit: Int) -> Seen {
        var decoder = SSEDecoder(limit: limit)
        var seen = Seen()
        cut.forEachPiece(of: input) { piece in
            guard !seen.isTooLarge else { return }
            do throws(SSEDecoder.TooLarge) {
                try decoder.receive(piece) { seen.events.append([Array($0.name), Array($0.data)]) }
            } catch {
                seen.isTooLarge = true
            }
        }
        if !seen.isTooLarge { seen.isPending = decoder.end() }
        return seen
    }

    /// The steps of the HTML standard, section 9.2.6, in the order in which it has them, with the field `error` of our
    /// own and a limit for lines and events.
    private static func interpret(_ input: UnsafeRawBufferPointer, _ limit: Int) -> Seen {
        var seen = Seen()
        var (lines, last) = split(input)
        var name: [UInt8] = []
        var data: [UInt8]?
        if let first = lines.first, first.count <= limit, first.starts(with: [0xEF, 0xBB, 0xBF]) {
            lines[0].removeFirst(3)
        }
        for line in lines {
            guard line.count <= limit else { return tooLarge(seen) }
            if line.isEmpty {
                if let data { seen.events.append([name, data]) }
                (name, data) = ([], nil)
                continue
            }
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            var value = parts.count > 1 ? parts[1] : []
            if value.first == UInt8(ascii: " ") { value.removeFirst() }
            let isError = parts[0].elementsEqual("error".utf8)
            if parts[0].elementsEqual("event".utf8) { name = Array(value) }
            if isError { name = Array("error".utf8) }
            guard isError || parts[0].elementsEqual("data".utf8) else { continue }
            let joined = data.map { $0 + [UInt8(ascii: "\n")] + value }
            guard (joined?.count ?? 0) <= limit else { return tooLarge(seen) }
            data = joined ?? Array(value)
        }
        guard last.count <= limit else { return tooLarge(seen) }
        seen.isPending = data != nil || !last.isEmpty
        return seen
    }

    private static func tooLarge(_ seen: Seen) -> Seen {
        Seen(events: seen.events, isPending: false, isTooLarge: true)
    }

    /// The lines that have an end, and what follows them.
    private static func split(_ input: UnsafeRawBufferPointer) -> (lines: [[UInt8]], last: [UInt8]) {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        for (index, byte) in input.enumerated() {
            let followsReturn = index > 0 && input[index - 1] == UInt8(ascii: "\r")
            if byte == UInt8(ascii: "\n"), followsReturn { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                lines.append(line)
                line = []
            } else {
                line.append(byte)
            }
        }
        return (lines, line)
    }
}
