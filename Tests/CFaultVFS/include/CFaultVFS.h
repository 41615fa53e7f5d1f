// A layer between SQLite and its files that notes what is done to them, and fails when it is told to.
//
// It touches only what lies below a directory that has been made a stage; every other file of the process goes straight
// to the layer below. Nothing on a stage is really synced: a sync is noted, and what it is worth is decided by whoever
// makes files from the record. Every function may be called from any thread.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A directory whose files are watched.
typedef struct agentd_stage agentd_stage;

/// What SQLite asks of its files, as bits of a set.
enum agentd_disk_call {
    agentd_disk_open = 1,
    agentd_disk_delete = 2,
    agentd_disk_access = 4,
    agentd_disk_read = 8,
    agentd_disk_write = 16,
    agentd_disk_truncate = 32,
    agentd_disk_sync = 64,
    agentd_disk_size = 128,
    /// Locks of the file and of the shared memory; unlocking never fails.
    agentd_disk_lock = 256,
    agentd_disk_map = 512,
};

/// Which call fails, and how.
struct agentd_disk_fault {
    /// The calls that are counted, and of which one fails.
    uint32_t calls;
    /// SQLite's result code.
    int32_t code;
    /// The number of the call that fails, from 1; 0 fails none.
    uint64_t nth;
    /// Whether all later ones fail too.
    bool for_good;
    /// Whether the first half of a failing write is written.
    bool torn;
    /// Bytes that may be written all the same whenever the file `agentd.reserve` is gone; counted anew each time that it
    /// has been there.
    uint64_t room;
};

/// One thing that was done to a file.
enum agentd_disk_operation_kind {
    agentd_disk_created,
    agentd_disk_deleted,
    agentd_disk_written,
    agentd_disk_truncated,
    agentd_disk_synced,
};

struct agentd_disk_operation {
    enum agentd_disk_operation_kind kind;
    /// The file, by its place in the stage's list of names.
    uint32_t file;
    /// Where bytes were written, or the size that a file was cut to. For a deletion: whether the directory was synced.
    int64_t offset;
    /// The bytes that were written; they live as long as the stage.
    const uint8_t *bytes;
    size_t count;
};

/// Makes a stage of an existing directory. NULL when the directory cannot be found, or there is no memory.
agentd_stage *agentd_stage_raise(const char *directory);

/// Ends a stage. Files that are still open are watched no longer; those of a stage that was killed stay dead.
void agentd_stage_strike(agentd_stage *stage);

/// Sets the fault, and begins to count from 0.
void agentd_stage_fail(agentd_stage *stage, struct agentd_disk_fault fault);

/// Fails no more; what was counted stays.
void agentd_stage_heal(agentd_stage *stage);

/// Fails every call from now on, as if the process were gone: what is open can only be closed.
void agentd_stage_kill(agentd_stage *stage);

/// How many calls of the fault's kinds there were since it was set.
uint64_t agentd_stage_calls(agentd_stage *stage);

/// How many of them failed.
uint64_t agentd_stage_failures(agentd_stage *stage);

/// Begins to keep what is done.
void agentd_stage_record(agentd_stage *stage);

/// How many operations have been kept.
size_t agentd_stage_recorded(agentd_stage *stage);

/// One of the operations that have been kept.
struct agentd_disk_operation agentd_stage_operation(agentd_stage *stage, size_t index);

/// How many files have names so far.
size_t agentd_stage_files(agentd_stage *stage);

/// The name of a file, relative to the stage's directory; it lives as long as the stage.
const char *agentd_stage_file(agentd_stage *stage, size_t file);

/// How many connections have written to a database or to its log; a checkpoint writes to the database.
uint32_t agentd_stage_writers(agentd_stage *stage);
