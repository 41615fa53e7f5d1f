/// Durations, sorted, for people to read.
struct Figures: CustomStringConvertible {
    private let sorted: [Duration]

    init(_ durations: [Duration]) { sorted = durations.sorted() }

    var max: Duration { sorted.last ?? .zero }

    private func percentile(_ percent: Int) -> Duration {
        sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
    }

    var description: String {
        "n \(sorted.count)  p50 \(percentile(50).milliseconds)  p99 \(percentile(99).milliseconds)  "
            + "max \(max.milliseconds)"
    }
}

extension Duration {
    /// Milliseconds with two digits.
    var milliseconds: String {
        let hundredths = Int(self / .microseconds(10))
        let rest = String(hundredths % 100)
        return "\(hundredths / 100).\(rest.count < 2 ? "0" : "")\(rest) ms"
    }
}
