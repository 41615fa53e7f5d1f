/// The actor whose executor is the loop thread: what it isolates is touched by that one thread, and the compiler checks.
///
/// There is one loop in a process. State that belongs to it carries `@LoopActor` and needs neither lock nor `await`.
@globalActor public actor LoopActor {
    /// The one instance that the language asks for.
    public static let shared = LoopActor()
    static let executor = LoopExecutor()

    /// The loop's executor.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { Self.executor.asUnownedSerialExecutor() }

    /// The only door by which C code (a thread's entry point, a library's callback) comes back into the loop's world.
    ///
    /// The object and the argument are handed in rather than captured, so nothing is allocated and nothing is sent
    /// across isolation. Traps when the calling thread is not the loop's.
    @inline(__always) public static func enter<Context: AnyObject, Argument, Answer>(
        _ context: UnsafeMutableRawPointer, _ argument: Argument,
        _ body: @escaping @LoopActor (Context, Argument) -> Answer
    ) -> Answer {
        precondition(isOnLoop, "entered the loop from another thread")
        // Same representation, one isolation fewer: the check above is what the type would have said.
        let plain = unsafeBitCast(body, to: ((Context, Argument) -> Answer).self)
        return plain(Unmanaged<Context>.fromOpaque(context).takeUnretainedValue(), argument)
    }

    /// Whether the calling thread is the loop's.
    public static var isOnLoop: Bool { executor.isOnLoop }
}
