import AgentTestKit
import Testing

/// Inputs that once broke a promise, or are known to be hard, keep it. What `make fuzz` finds is added to them.
@Suite(.serialized) struct RegressionTests {
    @Test(arguments: FuzzTarget.all.map(\.name)) func everyInputKeepsItsPromises(target name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let directory = Checkout.file("Fuzz/Regressions/\(name)")
        let inputs = TemporaryDirectory.names(in: directory)
        #expect(!inputs.isEmpty)
        for input in inputs {
            TemporaryDirectory.bytes(of: "\(directory)/\(input)").withUnsafeBytes { bytes in
                do throws(Finding) {
                    try target.check(bytes)
                } catch {
                    Issue.record("\(input): \(error.reason)")
                }
            }
        }
    }
}
