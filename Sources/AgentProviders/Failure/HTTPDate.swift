import AgentProtocol

/// Dates of HTTP headers (RFC 9110, section 5.6.7): the preferred form and the two old ones.
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// The moment that a date names; nil when it is none.
    static func read(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 64 else { return nil }
        var day: Int?
        var month: Int?
        var year: Int?
        var seconds: Int?
        for word in text.lowercased().split(whereSeparator: { " ,-".contains($0) }) {
            if word.contains(":") {
                seconds = time(word)
            } else if let number = Int(word) {
                if day == nil {
                    day = number
                } else {
                    year = number < 70 ? number + 2000 : number < 100 ? number + 1900 : number
                }
            } else if let index = months.firstIndex(where: { word.hasPrefix($0) }) {
                month = index + 1
            }
        }
        guard let day, let month, let year, let seconds, (1...31).contains(day), (1970...9999).contains(year) else {
            return nil
        }
        return Timestamp(milliseconds: Int64((days(year, month, day) * 86_400 + seconds) * 1000))
    }

    private static func time(_ word: Substring) -> Int? {
        let parts = word.split(separator: ":").compactMap { Int($0) }
        guard parts.count == 3, (0..<24).contains(parts[0]), (0..<60).contains(parts[1]), (0...60).contains(parts[2])
        else { return nil }
        return parts[0] * 3600 + parts[1] * 60 + parts[2]
    }

    /// Days since 1970-01-01. Years begin in March here, so that the leap day is a year's last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
