import Glibc

/// Looks for words in the bytes of a file.
enum ByteSearch {
    /// Where a word begins, each time that it is there.
    static func places(of word: String, in bytes: [UInt8]) -> [Int] {
        let needle = Array(word.utf8)
        var places: [Int] = []
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var start = 0
            while start + needle.count <= bytes.count,
                let found = memchr(base + start, Int32(needle[0]), bytes.count - needle.count - start + 1)
            {
                let place = base.distance(to: UnsafeRawPointer(found))
                if memcmp(found, needle, needle.count) == 0 { places.append(place) }
                start = place + 1
            }
        }
        return places
    }

    /// Which of some words are there; all are equally long and begin alike, as names made at one time do.
    static func found(_ words: Set<String>, in bytes: [UInt8]) -> [(word: String, place: Int)] {
        guard let first = words.first else { return [] }
        return places(of: String(first.prefix(4)), in: bytes).compactMap { place in
            let word = String(decoding: bytes[place...].prefix(first.utf8.count), as: UTF8.self)
            return words.contains(word) ? (word, place) : nil
        }
    }
}
