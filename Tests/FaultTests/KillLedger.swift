import AgentTestKit

/// What a cycle has left in the ledger.
struct KillLedger {
    /// The logs of its runs.
    let folds: [String: FoldedRun]
    /// Their rows.
    let rows: [String: LedgerFile.Run]
    /// Conversations that were deleted.
    let gone: Set<String>
}
