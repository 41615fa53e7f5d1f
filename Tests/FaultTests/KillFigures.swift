/// What a series of kills showed, in numbers.
struct KillFigures: CustomStringConvertible {
    /// Kills in mid-traffic.
    var kills = 0
    /// Kills of a daemon that was not ready yet, and of one that just was.
    var struckEarly = 0
    var struckLate = 0
    /// Frames that were compared.
    var frames = 0
    /// Of these, the ones that the ledger does not have, or has otherwise.
    var missing = 0
    /// Events that clients were told together with the next, because they had fallen behind.
    var merged = 0
    /// Streams that clients read: those of `run` and those of `attach`, before the kill and after it.
    var streams = 0
    /// Of these, the ones that began behind the first event.
    var resumed = 0
    /// Runs whose logs were read.
    var runs = 0
    /// Of these, the ones that a restart had to close.
    var recovered = 0
    /// Runs that had to wait.
    var queued = 0
    /// Of these, the ones that waited over a restart, and those that it ended because their client was gone.
    var begunLater = 0
    var unbound = 0
    /// Commands that were sent again and found their run.
    var resent = 0
    /// Stops that had been acknowledged.
    var stops = 0
    /// Deletions that had been acknowledged, and those that a kill met.
    var deleted = 0
    var deletionsCut = 0

    /// Adds another series.
    static func += (figures: inout Self, other: Self) {
        for path in all { figures[keyPath: path] += other[keyPath: path] }
    }

    private static var all: [WritableKeyPath<Self, Int>] {
        [
            \.kills, \.struckEarly, \.struckLate, \.frames, \.missing, \.merged, \.streams, \.resumed, \.runs,
            \.recovered,
            \.queued, \.begunLater, \.unbound, \.resent, \.stops, \.deleted, \.deletionsCut,
        ]
    }

    var description: String {
        """
        \(kills) kills and \(struckEarly + struckLate) of recoveries (\(struckEarly) before they were ready), \
        \(frames) frames checked in \(streams) streams (\(resumed) resumed), \(missing) missing, \(merged) told with the next, \
        \(runs) runs (\(recovered) closed by recovery), \(queued) queued (\(begunLater) begun after a restart, \
        \(unbound) ended by it), \(resent) commands repeated, \(stops) acknowledged stops, \
        \(deleted) acknowledged deletions (\(deletionsCut) cut off)
        """
    }
}
