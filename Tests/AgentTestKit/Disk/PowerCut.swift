/// Walks through a recording, and says at each point what a power cut may leave of the files.
///
/// What was synced is there. What came after the last sync of a file may be there or not, each write by itself and, where
/// a write is torn, each sector of it. Names are kept in the order in which they came and went.
public struct PowerCut {
    /// What becomes of that which was not synced.
    public enum Mode: CaseIterable, Sendable {
        /// Nothing of it is there.
        case dropped
        /// All of it is there, as after the end of the process alone.
        case kept
        /// Some of it is there, whatever its order was.
        case some
        /// As `some`, and some of the writes are there in part.
        case torn
    }

    /// What a write is torn at.
    private static let sector = 512

    private struct Entry {
        /// What is certainly on the disk; nil when there is no such file.
        var synced: [UInt8]?
        /// What was done since.
        var pending: [DiskRecording.Operation.Kind] = []
    }

    private let operations: [DiskRecording.Operation]
    private var entries: [String: Entry]
    /// How many operations have been done.
    private var point = 0

    /// Stands before the first operation.
    public init(_ recording: DiskRecording) {
        operations = recording.operations
        entries = Dictionary(uniqueKeysWithValues: recording.start.map { ($0.name, Entry(synced: $0.bytes)) })
    }

    /// Walks on to a point, which must not lie behind.
    public mutating func advance(to end: Int) {
        precondition(end >= point, "the walk goes on only")
        while point < end {
            perform(operations[point])
            point += 1
        }
    }

    private mutating func perform(_ operation: DiskRecording.Operation) {
        switch operation.kind {
        case .synced: sync(operation.file)
        case .deleted(isDirectorySynced: true):
            entries[operation.file, default: Entry()].pending.append(operation.kind)
            syncDirectory()
        default: entries[operation.file, default: Entry()].pending.append(operation.kind)
        }
    }

    private mutating func sync(_ file: String) {
        guard var entry = entries.removeValue(forKey: file) else { return }
        // SQLite syncs the directory with the first sync of a journal that it has made.
        let isNewJournal = entry.synced == nil && (file.hasSuffix("-wal") || file.hasSuffix("-journal"))
        for change in entry.pending { Self.apply(change, to: &entry.synced) }
        entry.pending = []
        entries[file] = entry
        if isNewJournal { syncDirectory() }
    }

    /// Makes sure of all names: what came is there, empty as far as its bytes were not synced, and what went is gone.
    private mutating func syncDirectory() {
        for file in entries.keys {
            guard let entry = entries[file], let last = entry.pending.lastIndex(where: \.changesDirectory) else {
                continue
            }
            var synced = entry.synced
            Self.apply(entry.pending[last], to: &synced)
            entries[file] = Entry(synced: synced, pending: Array(entry.pending[(last + 1)...]))
        }
    }

    // MARK: The files

    /// The files as they may be at this point; the same for the same seed.
    public func files(_ mode: Mode, seed: UInt64) -> [DiskFile] {
        var random = SeededRandom(seed: seed)
        let luck = random.pick([10, 50, 90])
        var files: [DiskFile] = []
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            var bytes = entry.synced
            if mode != .dropped {
                Self.apply(entry.pending, to: &bytes, mode, luck: mode == .kept ? 100 : luck, &random)
            }
            if let bytes { files.append(DiskFile(name: name, bytes: bytes)) }
        }
        return files
    }

    private static func apply(
        _ changes: [DiskRecording.Operation.Kind], to file: inout [UInt8]?, _ mode: Mode, luck: Int,
        _ random: inout SeededRandom
    ) {
        for change in changes {
            if mode == .torn, case .written(let bytes, let offset) = change, random.chance(50) {
                tear(bytes, at: offset, into: &file, luck: luck, &random)
            } else if random.chance(luck) {
                apply(change, to: &file)
            } else if change.changesDirectory {
                // What is done to a file under a name that is not there is found by nobody.
                return
            }
        }
    }

    /// Writes some of the sectors.
    private static func tear(
        _ bytes: [UInt8], at offset: Int, into file: inout [UInt8]?, luck: Int, _ random: inout SeededRandom
    ) {
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + sector - (offset + place) % sector)
            if random.chance(luck) { write(bytes, place, end, at: offset + place, to: &file) }
            place = end
        }
    }

    private static func apply(_ change: DiskRecording.Operation.Kind, to file: inout [UInt8]?) {
        switch change {
        case .created: file = []
        case .deleted: file = nil
        case .synced: break
        case .truncated(let size): if file != nil { file!.resize(to: size) }
        case .written(let bytes, let offset): write(bytes, 0, bytes.count, at: offset, to: &file)
        }
    }

    /// Writes the bytes from one place to another.
    private static func write(_ bytes: [UInt8], _ start: Int, _ end: Int, at offset: Int, to file: inout [UInt8]?) {
        guard file != nil else { return }
        if file!.count < offset + end - start { file!.resize(to: offset + end - start) }
        file!.withUnsafeMutableBytes { target in
            bytes.withUnsafeBytes { source in
                target.baseAddress!.advanced(by: offset).copyMemory(
                    from: source.baseAddress! + start, byteCount: end - start)
            }
        }
    }
}

extension DiskRecording.Operation.Kind {
    /// Whether a name comes or goes.
    fileprivate var changesDirectory: Bool {
        switch self {
        case .created, .deleted: true
        case .written, .truncated, .synced: false
        }
    }
}

extension [UInt8] {
    /// Cuts the end off, or adds zeros, as a file system does.
    fileprivate mutating func resize(to size: Int) {
        guard count < size else { return removeSubrange(size...) }
        append(contentsOf: [UInt8](repeating: 0, count: size - count))
    }
}
