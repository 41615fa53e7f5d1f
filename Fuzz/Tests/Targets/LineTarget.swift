@testable import AgentServer

/// However a stream is cut, the line decoder finds the lines that a plain split finds, and keeps no more than one line.
enum LineTarget {
    private typealias Lines = [[UInt8]?]

    static func check(_ input: UnsafeRawBufferPointer) throws(Finding) {
        for limit in [3, 40, 1 << 20] {
            let expected = split(input, limit)
            for cut in Cut.allCases {
                let (lines, mostPending) = decode(input, cut, limit)
                try Finding.unless(lines == expected, "the lines of the stream, cut \(cut), limit \(limit)")
                try Finding.unless(mostPending <= limit, "no more than \(limit) bytes kept, not \(mostPending)")
            }
        }
    }

    /// The lines, nil for one that is too long.
    private static func split(_ input: UnsafeRawBufferPointer, _ limit: Int) -> Lines {
        var lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { $0.count > limit ? nil : Array($0) }
    }

    private static func decode(
        _ input: UnsafeRawBufferPointer, _ cut: Cut, _ limit: Int
    ) -> (lines: Lines, mostPending: Int) {
        var decoder = LineDecoder(limit: limit)
        var lines: Lines = []
        var mostPending = 0
        func take() {
            while let output = decoder.next() {
                switch output {
                case .line(let range): lines.append(Array(decoder.bytes[range]))
                case .tooLong: lines.append(nil)
                }
            }
            mostPending = max(mostPending, decoder.pendingBytes)
        }
        cut.forEachPiece(of: input) { piece in
            decoder.append(piece)
            take()
        }
        decoder.end()
        take()
        return (lines, mostPending)
    }
}
