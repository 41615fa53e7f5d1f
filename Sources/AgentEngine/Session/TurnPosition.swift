/// A message's place in its conversation: the turn in the upper bits, the place within the turn in the lower ones.
///
/// A turn is what one run says. A question that waits in line has its turn from the moment it is accepted, so the order
/// of a conversation is right however long the answers before it become. A run has far fewer than a million messages.
public enum TurnPosition {
    /// How many bits the place within a turn has.
    public static let indexBits: Int64 = 20

    /// Where the question of a turn stands.
    static func question(of turn: Int64) -> Int64 { turn << indexBits }

    /// The turn that a place belongs to.
    public static func turn(of position: Int64) -> Int64 { position >> indexBits }
}
