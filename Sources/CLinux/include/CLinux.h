// The parts of Linux that Swift's Glibc module leaves out: epoll, eventfd, signalfd, peer credentials, variadic calls.
#pragma once
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/types.h>
#include <time.h>

/// What the kernel says of the process at the other end of a Unix socket, as it was when it connected.
struct agentd_peer {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

/// Reads SO_PEERCRED. Returns 0, or -1 with errno set.
int agentd_peer_credentials(int fd, struct agentd_peer *peer);

/// open(2) without its variadic argument, which Swift cannot call.
int agentd_open(const char *path, int flags, mode_t mode);

/// accept4(2) with O_NONBLOCK and O_CLOEXEC.
int agentd_accept(int fd);

/// Adds, changes or removes interest in a descriptor; `tag` comes back with each event.
int agentd_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t tag);

/// Waits with nanosecond resolution (epoll_wait has only milliseconds); a negative timeout waits for ever.
int agentd_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds);

/// The tag of a delivered event (a union member that Swift cannot read).
static inline uint64_t agentd_epoll_tag(const struct epoll_event *event) { return event->data.u64; }

/// Nanoseconds of a clock.
int64_t agentd_clock(clockid_t clock);

/// Sleeps until a moment of the monotonic clock, or less when a signal comes.
void agentd_sleep(int64_t until);

/// Names the calling thread, for people who look at the process; at most 15 bytes.
void agentd_name_thread(const char *name);

/// Gives back what the process holds and may not need again: memory that malloc keeps free, and the pages of the program
/// and its libraries that are only read. What of those is needed comes back from the file, in most cases from memory.
void agentd_give_memory_back(void);

/// Writes what of a file is only in memory to the disk and waits for that, without its metadata and without a promise.
void agentd_write_back(int fd);

/// The calling process comes last at processor and disk. Nobody is refused that.
void agentd_yield_to_others(void);

/// openat(2) with O_PATH and O_CLOEXEC, which hold a place or a file without opening it; O_NOFOLLOW may be added.
int agentd_open_place(int directory, const char *path, int flags);

/// renameat2(2) with RENAME_NOREPLACE, of two paths: what has the new name already keeps it.
int agentd_rename_to_free_name(const char *path, const char *name);
