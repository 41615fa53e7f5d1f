import AgentSystem
import ArgumentParser

extension ParsableCommand {
    /// Does a command's work and turns its failure into a sentence on standard error and an exit code.
    func reporting(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let failure as ClientFailure {
            Terminal.errors.note(failure.message)
            throw failure.status
        }
    }

    /// Makes signals something to read instead of the end of the process.
    func blockSignals(_ numbers: [Int32]) throws(ClientFailure) -> SignalDescriptor {
        do {
            return try SignalDescriptor(numbers)
        } catch {
            throw ClientFailure(error.description, ExitStatus.broken)
        }
    }
}
