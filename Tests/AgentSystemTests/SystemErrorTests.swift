import AgentSystem
import Glibc
import Testing

@Suite struct SystemErrorTests {
    @Test func readsAsOneLineForTheOperator() {
        let whole = SystemError(operation: "open", path: "/x/y", errno: EACCES, hint: "chmod 700 /x")
        #expect("\(whole)" == "open /x/y: Permission denied (chmod 700 /x)")
    }

    @Test func leavesOutWhatIsNotKnown() {
        #expect("\(SystemError(operation: "signalfd", errno: EMFILE))" == "signalfd: Too many open files")
    }
}
