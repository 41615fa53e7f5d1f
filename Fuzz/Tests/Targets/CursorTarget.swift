import AgentProtocol

@testable import AgentStore

/// Whatever a client hands back as a cursor, a list refuses it or goes on exactly behind that place, to the end.
enum CursorTarget {
    private static let ledger = CursorLedger()

    static func check(_ input: UnsafeRawBufferPointer) throws(Finding) {
        let cursor = String(decoding: input.prefix(Limits.cursorBytes), as: UTF8.self)
        for kind in CursorLedger.Kind.allCases {
            guard let place = PageCursor(cursor, kind: kind.rawValue) else {
                try Finding.unless(ledger.page(of: kind, cursor) == nil, "\(kind) refuses \(cursor)")
                continue
            }
            let again = PageCursor.text(kind: kind.rawValue, key: place.key, id: place.id)
            let read = PageCursor(again, kind: kind.rawValue)
            try Finding.unless(
                read.map { $0.key == place.key && $0.id.utf8.elementsEqual(place.id.utf8) } ?? false,
                "\(again) is the same place")
            let others = CursorLedger.Kind.allCases.filter { $0 != kind }
            try Finding.unless(
                others.allSatisfy { PageCursor(cursor, kind: $0.rawValue) == nil }, "\(cursor) belongs to one list")
            try checkPages(kind, cursor, place)
        }
    }

    private static func checkPages(
        _ kind: CursorLedger.Kind, _ cursor: String, _ place: PageCursor
    ) throws(Finding) {
        let expected = ledger.names(of: kind, after: place)
        var names: [String] = []
        var next: String? = cursor
        var pages = 0
        while let cursor = next {
            guard let page = ledger.page(of: kind, cursor) else {
                return try Finding.unless(expected == nil && pages == 0, "\(kind) goes on behind \(cursor)")
            }
            names += page.names
            next = page.next
            pages += 1
            try Finding.unless(pages <= CursorLedger.rows, "a walk that ends")
        }
        try Finding.unless(names == expected, "\(kind) behind \(cursor): \(names), not \(expected ?? ["nothing"])")
    }
}
