import AgentEngine
import AgentProtocol
import Testing

@testable import AgentStore

/// Every combination of filters is walked by an index, from its cursor on and in the order of the page: no page reads
/// the whole table, and none is sorted.
@Suite struct ListPlanTests {
    private static let user = UserID(trusted: "u1")
    private static let agent = AgentName(trusted: "a1")
    private static let session = SessionID(trusted: "s1")

    /// The choices of one filter: left out, or given.
    private static func commands() -> [ListCommand] {
        var commands: [ListCommand] = []
        for user in [nil, user] {
            for agent in [nil, agent] {
                for isActive in [nil, true, false] {
                    commands.append(ListCommand(kind: .sessions, userID: user, agent: agent, isActive: isActive))
                }
                for session in [nil, session] {
                    for status in [nil, RunStatus.completed, .error, .running, .queued] {
                        commands.append(
                            ListCommand(
                                kind: .runs, userID: user, agent: agent, sessionID: session, status: status))
                    }
                }
            }
        }
        return commands
    }

    private func plan(_ command: ListCommand, _ cellar: Cellar) throws -> [String] {
        try cellar.reader.connection.prepare("EXPLAIN QUERY PLAN " + cellar.reader.listSQL(command))
            .rows { $0.text(3) ?? "" }
    }

    @Test func noFilterNeedsAScanOrASort() throws {
        let cellar = try Cellar()
        for command in Self.commands() {
            let plan = try plan(command, cellar)
            // The open runs of one session are few, and sorted to find the one that is shown.
            let ofSession = plan.firstIndex { $0.hasPrefix("CORRELATED SCALAR SUBQUERY") } ?? plan.endIndex
            let isWalked = plan.enumerated().allSatisfy { index, step in
                step.hasPrefix("SEARCH") || index == ofSession
                    || (index > ofSession && step.hasPrefix("USE TEMP B-TREE"))
            }
            #expect(isWalked, "\(command): \(plan)")
        }
    }

    /// A filter that stands alone is walked without passing over a row of somebody else. The runs that completed are
    /// most of all: they are walked by number.
    @Test func aFilterIsWalkedByItsOwnIndex() throws {
        let cellar = try Cellar()
        for (command, index) in [
            (ListCommand(), "ai_agent_sessions_by_time (is_active=? AND updated_at<?)"),
            (ListCommand(userID: Self.user), "ai_agent_sessions_by_user (user_id=? AND is_active=? AND updated_at<?)"),
            (
                ListCommand(agent: Self.agent),
                "ai_agent_sessions_by_agent (agent_name=? AND is_active=? AND updated_at<?)"
            ),
            (ListCommand(kind: .runs), "PRIMARY KEY (rowid<?)"),
            (ListCommand(kind: .runs, userID: Self.user), "ai_agent_runs_by_user (user_id=? AND rowid<?)"),
            (
                ListCommand(kind: .runs, sessionID: Self.session),
                "ai_agent_runs_by_session (session_id=? AND rowid<?)"
            ),
            (ListCommand(kind: .runs, agent: Self.agent), "ai_agent_runs_by_agent (agent_name=? AND rowid<?)"),
            (ListCommand(kind: .runs, status: .error), "ai_agent_runs_by_status (status=? AND rowid<?)"),
            (ListCommand(kind: .runs, status: .running), "ai_agent_runs_by_status (status=? AND rowid<?)"),
            (ListCommand(kind: .runs, status: .completed), "PRIMARY KEY (rowid<?)"),
        ] {
            let first = try #require(try plan(command, cellar).first)
            #expect(first.hasSuffix(index), "\(command): \(first)")
        }
    }
}
