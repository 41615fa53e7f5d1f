/// Guesses what a misspelt key or name was meant to be.
enum KeySuggestion {
    /// A hint such as `did you mean "socket"?`; nil when nothing is near enough.
    static func hint(for name: String, among names: some Sequence<String>) -> String? {
        nearest(to: name, among: names).map { "did you mean \"\($0)\"?" }
    }

    /// The name with the fewest slips of the finger between it and what was written, at most two; of equally near
    /// ones the first.
    static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        let written = Array(name.utf8)
        return names.map { (name: $0, slips: slips(from: written, to: Array($0.utf8))) }
            .filter { $0.slips <= 2 && $0.slips < $0.name.utf8.count }
            .min { $0.slips < $1.slips }?.name
    }

    /// Letters to insert, drop, replace or exchange with their neighbour (Damerau and Levenshtein, each letter
    /// touched once).
    private static func slips(from left: [UInt8], to right: [UInt8]) -> Int {
        // Names whose lengths differ by more are no candidates, and a long one is not worth the table.
        guard abs(left.count - right.count) <= 2 else { return .max }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(last[column] + (letter == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
