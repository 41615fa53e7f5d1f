internal import CLinux

/// How a process stands with the others on the machine.
public enum ProcessPriority {
    /// From now on comes last at processor and disk, for work that can wait beside a daemon at work.
    public static func yieldToOthers() { agentd_yield_to_others() }
}
