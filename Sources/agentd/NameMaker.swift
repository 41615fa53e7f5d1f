/// Makes names that sort by their time of making: 48 bits of milliseconds, then 80 random bits, in Crockford's base 32.
struct NameMaker {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let randomBits: UInt128 = 80

    private var last: UInt128 = 0
    private var random = SystemRandomNumberGenerator()

    /// A name of 26 characters, greater than every one before it.
    mutating func next(at milliseconds: Int64) -> String {
        let time = UInt128(UInt64(milliseconds)) << Self.randomBits
        let fresh = time | UInt128.random(in: 0..<(1 << Self.randomBits), using: &random)
        // Within one millisecond, and when the clock has been set back, names go on counting in steps nobody can guess.
        last = fresh >> Self.randomBits > last >> Self.randomBits ? fresh : last + UInt128(random.next() >> 24) + 1
        let value = last
        return String(unsafeUninitializedCapacity: 26) { buffer in
            for place in 0..<26 {
                buffer[25 - place] = Self.alphabet[Int(truncatingIfNeeded: value >> (5 * place)) & 31]
            }
            return 26
        }
    }
}
