public import AgentProtocol

extension Engine {
    /// Changes what a list shows of a conversation; the reply comes once that is on disk.
    public func update(_ command: UpdateCommand, reply: @escaping (Result<SessionRecord, AgentError>) -> Void) {
        if let storageRefusal { return reply(.failure(storageRefusal)) }
        hold(command.sessionID) { [unowned self] in
            let query = AdmissionQuery(sessionID: command.sessionID, runID: nil, turns: 0)
            journal.admission(query) { [unowned self] answer in
                switch answer.map(\.session) {
                case .success(let found?) where isVisible(found, to: command.userID):
                    let record = found.changed(as: command)
                    batch.append(.sessionChanged(record))
                    batch.releases.append(
                        .reply { [unowned self] in
                            release(command.sessionID)
                            reply(.success(record))
                        })
                case .success:
                    release(command.sessionID)
                    reply(.failure(noSession(command.sessionID)))
                case .failure(let error):
                    release(command.sessionID)
                    reply(.failure(error))
                }
            }
        }
    }

    /// Deletes a conversation, or all that a user has; the reply comes once nothing of it is in any file.
    public func delete(_ command: DeleteCommand, reply: @escaping (Result<Deletion, AgentError>) -> Void) {
        if let storageRefusal { return reply(.failure(storageRefusal)) }
        let done = { [unowned self] (result: Result<Deletion, AgentError>, isAnyGone: Bool) in
            if isAnyGone { journal.scrub { reply(result) } } else { reply(result) }
        }
        if let session = command.sessionID { return erase(session, of: command.userID) { done($0, $0.isSuccess) } }
        guard let user = command.userID else {
            return reply(.failure(.invalid("session_id", "or user_id is required")))
        }
        // Refused as a whole, before anything is gone.
        let open = runs.values.filter { $0.record.userID == user }
        // One that is live says more than one that waits behind it.
        if let run = open.min(by: { ($0.isQueued ? 1 : 0, $0.order) < ($1.isQueued ? 1 : 0, $1.order) }) {
            return reply(.failure(busy(run)))
        }
        eraseAll(of: user, Deletion(), limit: Self.erasedAtOnce, done)
    }

    // MARK: Erasing

    /// Conversations that are looked at together, to be erased.
    private static let erasedAtOnce = 64
    /// Rows that are erased together, unless one conversation has more: whatever is said meanwhile waits for them, 2 µs a
    /// row.
    static let erasedRows: Int64 = 1024

    /// Erases a user's conversations, some at a time, until there are none.
    private func eraseAll(
        of user: UserID, _ before: Deletion, limit: Int,
        _ done: @escaping (Result<Deletion, AgentError>, _ isAnyGone: Bool) -> Void
    ) {
        eraseSome(.user(user), for: user, limit: limit) { [unowned self] bite in
            var total = before
            total.add(bite.erased)
            if let refusal = bite.refusal {
                done(.failure(refusal), total.sessions > 0)
            } else if bite.found == 0 {
                // Somebody else may have deleted the last of it just now, and not have emptied the log yet.
                done(.success(total), true)
            } else {
                // Where few fit together, few more are looked at.
                let limit = min(Self.erasedAtOnce, 2 * max(1, Int(bite.erased.sessions)))
                eraseAll(of: user, total, limit: limit, done)
            }
        }
    }

    /// What became of conversations that were to be erased together.
    struct Bite {
        /// How many there were, those included that did not fit.
        var found = 0
        /// What is gone.
        var erased = Deletion()
        /// Why something is not.
        var refusal: AgentError?
    }

    /// Erases some conversations together.
    func eraseSome(
        _ selection: SessionSelection, for user: UserID?, limit: Int, _ done: @escaping (Bite) -> Void
    ) {
        journal.sessions(selection, limit: limit) { [unowned self] answer in
            switch answer {
            case .failure(let error): done(Bite(refusal: error))
            case .success(let names) where names.isEmpty: done(Bite())
            case .success(let names):
                var bite = Bite(found: names.count)
                var open = names.count
                var rows: Int64 = 0
                let fits = { (found: SessionContents) in
                    guard selection.stillSelects(found.record) else { return false }
                    // What does not fit is found again.
                    guard rows == 0 || rows + found.rows <= Self.erasedRows else { return false }
                    rows += found.rows
                    return true
                }
                for name in names {
                    erase(name, of: user, where: fits) { result in
                        switch result {
                        case .success(let part): bite.erased.add(part)
                        // Somebody else has deleted it meanwhile.
                        case .failure(let error) where error.code == .sessionNotFound: break
                        case .failure(let error): bite.refusal = error
                        }
                        open -= 1
                        if open == 0 { done(bite) }
                    }
                }
            }
        }
    }

    private func erase(
        _ session: SessionID, of user: UserID?, where isWanted: @escaping (SessionContents) -> Bool = { _ in true },
        _ done: @escaping (Result<Deletion, AgentError>) -> Void
    ) {
        hold(session) { [unowned self] in
            journal.session(session) { [unowned self] answer in
                switch answer.flatMap({ erasable($0, session, for: user) }) {
                case .failure(let error):
                    release(session)
                    done(.failure(error))
                case .success(let found) where !isWanted(found):
                    release(session)
                    done(.success(Deletion()))
                case .success(let found):
                    batch.append(.sessionDeleted(session))
                    batch.releases.append(
                        .reply { [unowned self] in
                            release(session)
                            done(.success(Deletion(sessions: 1, runs: found.runs, messages: found.messages)))
                        })
                }
            }
        }
    }

    private func erasable(
        _ found: SessionContents?, _ session: SessionID, for user: UserID?
    ) -> Result<SessionContents, AgentError> {
        guard let found, isVisible(found.record, to: user) else { return .failure(noSession(session)) }
        if let run = firstRun(of: session) { return .failure(busy(run)) }
        return .success(found)
    }

    private func isVisible(_ session: SessionRecord, to user: UserID?) -> Bool {
        user == nil || session.userID == user
    }

    // MARK: Holding a conversation

    /// Does something while nobody else can decide on a conversation, once all that was accepted before is committed.
    private func hold(_ session: SessionID, _ body: @escaping () -> Void) {
        batch.releases.append(.reply { [unowned self] in takeHold(session, body) })
    }

    private func takeHold(_ session: SessionID, _ body: @escaping () -> Void) {
        let again = { [unowned self] in hold(session, body) }
        if gates[session, default: SessionGate()].check(again) { body() }
    }
}

extension SessionRecord {
    /// The conversation after a change; an empty text takes a text away.
    fileprivate func changed(as command: UpdateCommand) -> SessionRecord {
        var changed = self
        if let title = command.title { changed.title = title.isEmpty ? nil : title }
        if let summary = command.summary { changed.summary = summary.isEmpty ? nil : summary }
        if let isActive = command.isActive { changed.isActive = isActive }
        if let metadata = command.metadata { changed.metadata = metadata }
        return changed
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
