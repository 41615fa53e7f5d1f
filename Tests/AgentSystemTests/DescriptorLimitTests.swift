import AgentTestKit
import Testing

@testable import AgentSystem

@Suite struct DescriptorLimitTests {
    @Test func theKernelHasRoomBeforeItIsNeeded() throws {
        let allowed = try DescriptorLimit.raise(roomFor: 3000)
        let status = TemporaryDirectory.read("/proc/self/status")
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("FDSize:") })
        let room = try #require(line.split(separator: "\t").last.flatMap { Int($0) })
        #expect(room >= min(3000, allowed))
    }
}
