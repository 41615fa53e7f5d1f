/// The source tree that the tests were built from.
public enum Checkout {
    /// Its root.
    public static let root: String = {
        // This file is Tests/AgentTestKit/Processes/Checkout.swift.
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    }()

    /// A path in it.
    public static func file(_ name: String) -> String { "\(root)/\(name)" }
}
