/// Guesses what a misspelt name was meant to be.
public enum Nearest {
    /// What other products call our fields.
    private static let synonyms = [
        "prompt": "input", "message": "input", "text": "input", "session": "session_id", "user": "user_id",
    ]
    /// No name of ours is longer; the distance of longer ones is not worth its time.
    private static let longest = 32

    /// The field that was meant, if there is a good guess.
    static func field(to name: String, among fields: [String]) -> String? {
        if let synonym = synonyms[name], fields.contains(synonym) { return synonym }
        return self.name(to: name, among: fields)
    }

    /// The nearest name, if it is no further than a third of the letters away.
    static func name(to name: String, among names: [String]) -> String? {
        guard name.utf8.count <= longest else { return nil }
        return self.name(to: name, among: names, within: max(1, name.utf8.count / 3))
    }

    /// The name with the fewest slips of the finger between it and what was written, at most so many; of equally near
    /// ones the first.
    public static func name(to written: String, among names: some Sequence<String>, within limit: Int) -> String? {
        let letters = Array(written.utf8)
        return names.map { (name: $0, slips: slips(from: letters, to: Array($0.utf8), within: limit)) }
            .filter { $0.slips <= limit && $0.slips < $0.name.utf8.count }
            .min { $0.slips < $1.slips }?.name
    }

    /// Letters to insert, drop, replace or exchange with their neighbour (Damerau and Levenshtein, each letter
    /// touched once).
    private static func slips(from left: [UInt8], to right: [UInt8], within limit: Int) -> Int {
        // Names whose lengths differ by more are no candidates, and a long one is not worth the table.
        guard abs(left.count - right.count) <= limit else { return .max }
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
