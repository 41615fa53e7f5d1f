/// Everything that was done to the files of a directory, in order.
public struct DiskRecording: Sendable {
    /// One thing that was done.
    public struct Operation: Sendable {
        /// What was done.
        public enum Kind: Sendable {
            /// The file is new.
            case created
            /// The file is gone; whether that was made sure of at once.
            case deleted(isDirectorySynced: Bool)
            /// Bytes were written at a place.
            case written([UInt8], at: Int)
            /// The file was cut.
            case truncated(to: Int)
            /// What was done to the file before is on the disk.
            case synced
        }

        /// The file.
        public let file: String
        /// What was done to it.
        public let kind: Kind

        /// An operation with everything said.
        public init(file: String, _ kind: Kind) {
            self.file = file
            self.kind = kind
        }

        /// Whether it made sure of what had been done to a file.
        public func isSync(of name: String) -> Bool { if case .synced = kind { file == name } else { false } }
    }

    /// The files as they were before, all of them on the disk.
    public let start: [DiskFile]
    /// What was done.
    public let operations: [Operation]

    /// A recording with everything said.
    public init(start: [DiskFile] = [], operations: [Operation]) {
        self.start = start
        self.operations = operations
    }

    /// The files as a power cut may leave them that comes when so many operations have been done.
    public func files(at point: Int, _ mode: PowerCut.Mode, seed: UInt64) -> [DiskFile] {
        var cut = PowerCut(self)
        cut.advance(to: point)
        return cut.files(mode, seed: seed)
    }
}
