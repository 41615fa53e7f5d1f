import AgentLoop
import AgentTestKit
import Testing

extension ProviderFaults {
    /// Every fault of a provider, at every position of an answer, in both wire formats, over the real way to it.
    @Suite struct FaultMatrixTests {
        init() { LoopFixture.start() }

        /// Runs that are under way at once.
        private static let width = 24

        @Test @LoopActor func everyFaultAtEveryPositionEndsAsTheTableSays() async {
            let rows = FaultTable.rows()
            let report = await FaultReport.run(rows, width: Self.width)
            print(report.table(rows))
            #expect(report.problems.isEmpty)
            #expect(report.count > 150 && report.count == report.asTold)
        }
    }
}
