/// A number of things, in words.
enum Quantity {
    /// `1 run`, `2 runs`.
    static func text(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
