/// Chooses where long rows stand in their table, so that little of its pages stays empty.
///
/// A table's rows stand in the order of their rowids, and a page ends where the next row does not fit. Of rows that take
/// half a page each, that leaves a tenth of the file empty. What does not fit at the end mostly fits a little before it:
/// so a shelf, which is to be one page, has rowids of its own, and a row goes to the shelf of which it leaves the least
/// empty. These are guesses about SQLite's pages: a wrong one costs room and nothing else.
struct RowShelves {
    private struct Shelf {
        /// Counts down: a page reaches to the highest rowid that it had when the next one was begun.
        var next: Int64
        var room: Int
    }

    /// More would not leave less empty.
    private static let openAtMost = 16
    /// More rows than a page has room for.
    private static let rows: Int64 = 64

    private let pageBytes: Int
    private var open: [Shelf] = []
    /// The number of the next shelf.
    private var number: Int64

    /// Shelves behind all rows that are there.
    init(after last: Int64, pageBytes: Int) {
        number = last / Self.rows + 1
        self.pageBytes = pageBytes
    }

    /// The rowid for a row whose columns take so many bytes.
    mutating func place(_ bytes: Int) -> Int64 {
        let needed = cellBytes(bytes)
        var index = open.count
        for (candidate, shelf) in open.enumerated() where shelf.room >= needed {
            if index == open.count || shelf.room < open[index].room { index = candidate }
        }
        if index == open.count {
            // A page's own header takes 8 bytes.
            open.append(Shelf(next: (number + 1) * Self.rows - 1, room: pageBytes - 8))
            number += 1
        }
        let row = open[index].next
        open[index].next -= 1
        open[index].room -= needed
        let isFull = open[index].next % Self.rows == 0
        if isFull || open.count > Self.openAtMost {
            open.remove(at: isFull ? index : open.indices.min { open[$0].room < open[$1].room }!)
        }
        return row
    }

    /// What a row takes of its page. All but the end of a long one goes to pages of its own (the file format's rule,
    /// https://www.sqlite.org/fileformat2.html#b_tree_pages).
    private func cellBytes(_ bytes: Int) -> Int {
        // The row's length, its rowid, and where in the page it stands.
        let frame = 8
        let atMost = pageBytes - 35
        guard bytes > atMost else { return bytes + frame }
        let atLeast = (pageBytes - 12) * 32 / 255 - 23
        let end = atLeast + (bytes - atLeast) % (pageBytes - 4)
        return (end <= atMost ? end : atLeast) + 4 + frame
    }
}
