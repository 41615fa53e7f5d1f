internal import CLinux

#if canImport(Glibc)
import Glibc
#endif

/// The heartbeat: waits for descriptors and deadlines, runs what is ready, and ends each turn by letting the rooms
/// commit and write what the turn brought.
///
/// A turn is: ready descriptors, posted closures, due timers, then the turn-end hooks until none has work left. Whatever
/// arrives during a turn is therefore committed and delivered together.
@LoopActor public final class EventLoop {
    /// The loop of this process.
    public static let shared = EventLoop()

    /// Ready descriptors taken from the kernel in one turn.
    private static let eventsPerTurn = 512

    private struct Slot {
        var handler: (any ReadinessHandler)?
        var generation: UInt32 = 0
    }

    private let epoll: Int32
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EventLoop.eventsPerTurn)
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    /// The registration that a descriptor's number stands for now, by its tag.
    private var owners: [Int32: UInt64] = [:]
    private var timers = TimerQueue()
    private var turnEndHooks: [(id: UInt64, hook: () -> Bool)] = []
    private var lastTurnEndHook: UInt64 = 0
    private var isStopping = false
    private var pace = TurnPace()

    /// Nanoseconds of the monotonic clock, read once a turn.
    public private(set) var now: Int64 = agentd_clock(CLOCK_MONOTONIC)

    /// Nanoseconds of the monotonic clock, read now.
    public nonisolated var clock: Int64 { agentd_clock(CLOCK_MONOTONIC) }

    /// Milliseconds since 1970, read now.
    public nonisolated var epochMilliseconds: Int64 { agentd_clock(CLOCK_REALTIME) / 1_000_000 }

    /// Counts the turns, for those who may do only so much in one.
    public private(set) var turn: UInt64 = 0

    private init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(epoll >= 0, "epoll_create1 failed: no loop, no daemon")
        // The tag of the wake-up descriptor is one that no slot can have.
        let added = agentd_epoll_control(
            epoll, EPOLL_CTL_ADD, LoopActor.executor.wakeDescriptor, EPOLLIN.rawValue, UInt64.max)
        precondition(added == 0, "the loop's own wake-up cannot be watched")
    }

    /// Adds a step to the end of every turn; it returns whether it did something, in which case all steps run again.
    @discardableResult public func atTurnEnd(_ hook: @escaping () -> Bool) -> TurnEndHook {
        lastTurnEndHook += 1
        turnEndHooks.append((lastTurnEndHook, hook))
        return TurnEndHook(id: lastTurnEndHook)
    }

    /// Takes a step off the end of every turn; in the turn under way it may still run once.
    public func cancel(_ hook: TurnEndHook) { turnEndHooks.removeAll { $0.id == hook.id } }

    /// Leaves a closure for the loop thread; may be called from any thread, keeps order.
    public nonisolated static func post(_ body: @escaping @LoopActor () -> Void) { LoopActor.executor.post(body) }

    /// Watches a descriptor. The registration does not own it: cancel before closing.
    public func watch(
        _ descriptor: Int32, for interest: Readiness, handler: any ReadinessHandler
    ) throws(LoopError) -> Registration {
        let index: UInt32
        if let free = freeSlots.popLast() {
            index = free
        } else {
            index = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(index)].handler = handler
        let registration = Registration(
            descriptor: descriptor, index: index, generation: slots[Int(index)].generation, interest: interest)
        guard agentd_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, interest.rawValue, registration.tag) == 0 else {
            let code = errno
            release(index)
            throw LoopError(operation: "epoll_ctl", code: code)
        }
        owners[descriptor] = registration.tag
        return registration
    }

    /// Changes what a registration waits for; nothing happens when it is the same.
    public func update(_ registration: inout Registration, interest: Readiness) {
        guard registration.interest != interest else { return }
        registration.interest = interest
        let changed = agentd_epoll_control(
            epoll, EPOLL_CTL_MOD, registration.descriptor, interest.rawValue, registration.tag)
        precondition(changed == 0, "a watched descriptor was closed before its registration was cancelled")
    }

    /// Ends a registration; events of it that are already on their way are dropped.
    public func cancel(_ registration: Registration) {
        guard slots[Int(registration.index)].generation == registration.generation else { return }
        let removed = agentd_epoll_control(epoll, EPOLL_CTL_DEL, registration.descriptor, 0, 0)
        precondition(removed == 0, "a watched descriptor was closed before its registration was cancelled")
        owners[registration.descriptor] = nil
        release(registration.index)
    }

    /// Ends the registration of a descriptor that belongs to a library, which may have closed it without a word. Its
    /// number may be somebody else's by now; that one keeps its registration.
    public func abandon(_ registration: Registration) {
        guard slots[Int(registration.index)].generation == registration.generation else { return }
        if owners[registration.descriptor] == registration.tag {
            // Where the descriptor has been closed the kernel has forgotten it already, and this fails.
            _ = agentd_epoll_control(epoll, EPOLL_CTL_DEL, registration.descriptor, 0, 0)
            owners[registration.descriptor] = nil
        }
        release(registration.index)
    }

    private func release(_ index: UInt32) {
        slots[Int(index)].handler = nil
        slots[Int(index)].generation &+= 1
        freeSlots.append(index)
    }

    /// A deadline that has passed counts as now, and now is due in the next turn: a timer that arms itself for the past
    /// again and again cannot hold the turn under way.
    func arm(_ timer: LoopTimer, at deadline: Int64) { timers.arm(timer, at: max(deadline, now)) }

    func disarm(_ timer: LoopTimer) { timers.disarm(timer) }

    /// Ends `run` after the turn under way.
    public func stop() { isStopping = true }

    /// Runs turns on the calling thread, which becomes the loop thread, until `stop`.
    func run() {
        isStopping = false
        now = agentd_clock(CLOCK_MONOTONIC)
        var arrived = true
        while true {
            turn &+= 1
            fireDueTimers()
            endTurn()
            if isStopping { return }
            arrived = LoopActor.executor.drain()
            if !arrived, let end = pace.rest { rest(until: end) }
            waitForEvents(arrived ? 0 : timers.nextDeadline.map { max(0, $0 - now) } ?? -1)
        }
    }

    private func fireDueTimers() {
        // Ends: what a timer arms meanwhile is rounded up past `now`, so it waits for the next turn.
        while let timer = timers.popDue(now) { timer.fire() }
    }

    private func endTurn() {
        var hasWork = true
        while hasWork {
            hasWork = false
            for (_, hook) in turnEndHooks where hook() { hasWork = true }
        }
    }

    /// What arrives meanwhile shares a turn, a commit and a write. A timer is never late for it.
    private func rest(until end: Int64) {
        let end = min(end, timers.nextDeadline ?? end)
        if end > agentd_clock(CLOCK_MONOTONIC) { agentd_sleep(end) }
        now = agentd_clock(CLOCK_MONOTONIC)
    }

    private func waitForEvents(_ nanoseconds: Int64) {
        let count = agentd_epoll_wait(epoll, events, Int32(Self.eventsPerTurn), nanoseconds)
        now = agentd_clock(CLOCK_MONOTONIC)
        precondition(count >= 0 || errno == EINTR, "epoll_pwait2 failed: the loop cannot go on")
        pace.turnBegan(at: now, with: max(0, Int(count)))
        var index = 0
        while index < Int(count) {
            let tag = agentd_epoll_tag(events + index)
            let readiness = Readiness(rawValue: events[index].events)
            index += 1
            guard tag != UInt64.max else {
                var wakeUps: eventfd_t = 0
                eventfd_read(LoopActor.executor.wakeDescriptor, &wakeUps)
                continue
            }
            let slot = slots[Int(UInt32(truncatingIfNeeded: tag))]
            // A handler earlier in this turn may have cancelled this one, and its slot may have a new tenant.
            if slot.generation == UInt32(truncatingIfNeeded: tag >> 32) { slot.handler?.ready(readiness) }
        }
    }
}

/// A step at the end of every turn.
public struct TurnEndHook: Sendable {
    fileprivate let id: UInt64
}

/// A descriptor that the loop watches, and what for.
public struct Registration: Sendable {
    let descriptor: Int32
    let index: UInt32
    let generation: UInt32
    /// What is waited for.
    public internal(set) var interest: Readiness
    var tag: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}
