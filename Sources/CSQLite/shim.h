// SQLite as Debian ships it, and the macros that Swift cannot import.
#pragma once
#include <sqlite3.h>

/// The destructor value that tells SQLite to copy what it is given.
static inline sqlite3_destructor_type agentd_sqlite_transient(void) { return SQLITE_TRANSIENT; }

/// Switches off SQLite's counting of its own memory, which takes a process-wide lock at every allocation. Before first use.
static inline int agentd_sqlite_uncount_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

/// Whether an extended result code says that data could not be forced to the disk.
static inline int agentd_sqlite_is_sync_failure(int code) {
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}
