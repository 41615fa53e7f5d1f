/// Guesses what a misspelt name was meant to be.
enum Nearest {
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
        let letters = Array(name.utf8)
        guard letters.count <= longest else { return nil }
        let limit = max(1, letters.count / 3)
        return names.map { (name: $0, distance: distance(letters, Array($0.utf8))) }
            .filter { $0.distance <= limit && $0.distance < $0.name.utf8.count }
            .min { $0.distance < $1.distance }?.name
    }

    /// Letters to insert, drop or replace to get from one to the other (Levenshtein).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
