/// Tells a reader that takes nothing from one that takes little. Times are nanoseconds of one clock.
struct StallWatch {
    /// How long a reader may take no byte.
    let limit: Int64
    /// Whether the kernel takes no more for now.
    private(set) var isBlocked = false
    private var lastProgress: Int64 = 0

    init(limit: Int64) { self.limit = limit }

    /// When a reader that takes nothing from now on has stalled.
    var deadline: Int64 { lastProgress + limit }

    /// Whether the reader has stalled by now.
    func hasStalled(at now: Int64) -> Bool { isBlocked && now >= deadline }

    /// Bytes were offered, and the kernel has taken some of them, or all.
    mutating func wrote(_ count: Int, isBlocked: Bool, at now: Int64) {
        // While nothing waited, nothing could be taken.
        if count > 0 || !self.isBlocked { lastProgress = now }
        self.isBlocked = isBlocked
    }

    /// The kernel takes bytes again.
    mutating func becameWritable() { isBlocked = false }

    /// The reader has been told; what comes after that counts anew.
    mutating func restart(at now: Int64) { lastProgress = now }
}
