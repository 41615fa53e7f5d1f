internal import CLinux

/// How a process stands with the others on the machine.
public enum ProcessPriority {
    /// From now on takes of processor and disk what nobody else wants, for work that can wait beside a daemon at work.
    public static func yieldToOthers() { agentd_yield_to_others() }
}
