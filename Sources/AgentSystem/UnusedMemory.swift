internal import CLinux

/// Memory that the process holds and may not need again.
public enum UnusedMemory {
    /// Gives it back to the system: what malloc keeps free, and the pages of the program and its libraries that were read
    /// so far, most of them by the start alone. Those that are needed again come back from the file as they are read.
    public static func giveBack() { agentd_give_memory_back() }
}
