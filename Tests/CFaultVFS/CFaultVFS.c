#include "CFaultVFS.h"

#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The place, among the locks of the shared memory, of the one that whoever writes the log holds (SQLite's document of
// its log format names it).
enum { write_lock = 0 };

struct staged_file;

struct agentd_stage {
    pthread_mutex_t mutex;
    agentd_stage *next;
    char directory[PATH_MAX];
    size_t directory_length;
    // The list of stages holds one, each open file another.
    uint32_t holders;

    struct agentd_disk_fault fault;
    uint64_t calls;
    uint64_t failures;
    // The file whose space the fault leaves, and how much of that is used.
    char reserve[PATH_MAX + 16];
    uint64_t room_used;
    bool is_dead;

    bool is_recording;
    struct agentd_disk_operation *operations;
    size_t count;
    size_t capacity;
    char **names;
    size_t name_count;

    // Whoever holds the lock for writing the log: a reader may, for a moment, to look at what is being written.
    struct staged_file *log_holder;
    uint32_t writers;
};

// What SQLite keeps for an open file on a stage; the file of the layer below comes after it.
struct staged_file {
    sqlite3_file base;
    agentd_stage *stage;
    uint32_t name;
    bool is_database;
    bool is_log;
    bool is_writer;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t stages_mutex = PTHREAD_MUTEX_INITIALIZER;
static agentd_stage *stages;
static sqlite3_vfs layer;
static sqlite3_vfs *below;

// MARK: Stages

static void *must(void *memory) {
    // A test process without memory has nothing to report.
    if (memory == NULL) abort();
    return memory;
}

static void hold(agentd_stage *stage) { __atomic_add_fetch(&stage->holders, 1, __ATOMIC_RELAXED); }

static void release(agentd_stage *stage) {
    if (__atomic_sub_fetch(&stage->holders, 1, __ATOMIC_ACQ_REL) > 0) return;
    for (size_t i = 0; i < stage->count; i++) free((void *)stage->operations[i].bytes);
    for (size_t i = 0; i < stage->name_count; i++) free(stage->names[i]);
    free(stage->operations);
    free(stage->names);
    pthread_mutex_destroy(&stage->mutex);
    free(stage);
}

// The stage that a path lies on, held; NULL if there is none.
static agentd_stage *find(const char *path) {
    if (path == NULL) return NULL;
    pthread_mutex_lock(&stages_mutex);
    agentd_stage *stage = stages;
    while (stage && !(strncmp(path, stage->directory, stage->directory_length) == 0
                      && path[stage->directory_length] == '/')) stage = stage->next;
    if (stage) hold(stage);
    pthread_mutex_unlock(&stages_mutex);
    return stage;
}

// Whether a write that is to fail has room where the reserve was. The stage is locked.
static bool finds_room(agentd_stage *stage, uint64_t bytes) {
    if (stage->fault.room == 0) return false;
    if (access(stage->reserve, F_OK) == 0) {
        stage->room_used = 0;
        return false;
    }
    if (stage->room_used + bytes > stage->fault.room) return false;
    stage->room_used += bytes;
    return true;
}

// Counts a call that wants to write so many bytes; the code it fails with, or SQLITE_OK. The stage is locked.
static int judge(agentd_stage *stage, uint32_t call, uint64_t bytes) {
    if (stage->is_dead) return SQLITE_IOERR;
    struct agentd_disk_fault *fault = &stage->fault;
    if ((fault->calls & call) == 0) return SQLITE_OK;
    stage->calls++;
    if (fault->nth == 0 || stage->calls < fault->nth) return SQLITE_OK;
    if (stage->calls > fault->nth && !fault->for_good) return SQLITE_OK;
    if (finds_room(stage, bytes)) return SQLITE_OK;
    stage->failures++;
    return fault->code;
}

static int judge_unlocked(agentd_stage *stage, uint32_t call) {
    pthread_mutex_lock(&stage->mutex);
    int code = judge(stage, call, 0);
    pthread_mutex_unlock(&stage->mutex);
    return code;
}

static uint32_t name_of(agentd_stage *stage, const char *path) {
    const char *name = path + stage->directory_length + 1;
    for (size_t i = 0; i < stage->name_count; i++) if (strcmp(stage->names[i], name) == 0) return (uint32_t)i;
    stage->names = must(realloc(stage->names, (stage->name_count + 1) * sizeof *stage->names));
    stage->names[stage->name_count] = must(strdup(name));
    return (uint32_t)stage->name_count++;
}

static void keep(agentd_stage *stage, struct agentd_disk_operation operation) {
    if (!stage->is_recording) return;
    if (stage->count == stage->capacity) {
        stage->capacity = stage->capacity ? 2 * stage->capacity : 256;
        stage->operations = must(realloc(stage->operations, stage->capacity * sizeof *stage->operations));
    }
    if (operation.count > 0) {
        void *copy = must(malloc(operation.count));
        memcpy(copy, operation.bytes, operation.count);
        operation.bytes = copy;
    }
    stage->operations[stage->count++] = operation;
}

// A connection is known by its database file; what it writes to the log, it writes while it holds the lock.
static void note_writer(struct staged_file *file) {
    if (file->is_log) file = file->stage->log_holder;
    if (file == NULL || !file->is_database || file->is_writer) return;
    file->is_writer = true;
    file->stage->writers++;
}

static void note_log_holder(struct staged_file *file, bool holds) {
    agentd_stage *stage = file->stage;
    pthread_mutex_lock(&stage->mutex);
    if (holds) stage->log_holder = file;
    else if (stage->log_holder == file) stage->log_holder = NULL;
    pthread_mutex_unlock(&stage->mutex);
}

// MARK: Files

static sqlite3_file *real(sqlite3_file *file) { return (sqlite3_file *)((struct staged_file *)file + 1); }

static agentd_stage *stage_of(sqlite3_file *file) { return ((struct staged_file *)file)->stage; }

static int file_close(sqlite3_file *file) {
    note_log_holder((struct staged_file *)file, false);
    int code = real(file)->pMethods->xClose(real(file));
    release(stage_of(file));
    return code;
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    int code = judge_unlocked(stage_of(file), agentd_disk_read);
    return code != SQLITE_OK ? code : real(file)->pMethods->xRead(real(file), bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    struct staged_file *staged = (struct staged_file *)file;
    agentd_stage *stage = staged->stage;
    pthread_mutex_lock(&stage->mutex);
    int failure = judge(stage, agentd_disk_write, (uint64_t)count);
    if (failure != SQLITE_OK) count = stage->fault.torn && !stage->is_dead ? count / 2 : 0;
    int code = SQLITE_OK;
    if (count > 0) {
        note_writer(staged);
        code = real(file)->pMethods->xWrite(real(file), bytes, count, offset);
        if (code == SQLITE_OK) {
            keep(stage, (struct agentd_disk_operation){agentd_disk_written, staged->name, offset, bytes, (size_t)count});
        }
    }
    pthread_mutex_unlock(&stage->mutex);
    return failure != SQLITE_OK ? failure : code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    struct staged_file *staged = (struct staged_file *)file;
    agentd_stage *stage = staged->stage;
    pthread_mutex_lock(&stage->mutex);
    int code = judge(stage, agentd_disk_truncate, 0);
    if (code == SQLITE_OK) {
        note_writer(staged);
        code = real(file)->pMethods->xTruncate(real(file), size);
        if (code == SQLITE_OK) {
            keep(stage, (struct agentd_disk_operation){agentd_disk_truncated, staged->name, size, NULL, 0});
        }
    }
    pthread_mutex_unlock(&stage->mutex);
    return code;
}

static int file_sync(sqlite3_file *file, int flags) {
    (void)flags;
    struct staged_file *staged = (struct staged_file *)file;
    agentd_stage *stage = staged->stage;
    pthread_mutex_lock(&stage->mutex);
    int code = judge(stage, agentd_disk_sync, 0);
    if (code == SQLITE_OK) {
        keep(stage, (struct agentd_disk_operation){agentd_disk_synced, staged->name, 0, NULL, 0});
    }
    pthread_mutex_unlock(&stage->mutex);
    return code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    int code = judge_unlocked(stage_of(file), agentd_disk_size);
    return code != SQLITE_OK ? code : real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int level) {
    int code = judge_unlocked(stage_of(file), agentd_disk_lock);
    return code != SQLITE_OK ? code : real(file)->pMethods->xLock(real(file), level);
}

static int file_unlock(sqlite3_file *file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }

static int file_check_lock(sqlite3_file *file, int *is_held) {
    return real(file)->pMethods->xCheckReservedLock(real(file), is_held);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }

static int file_characteristics(sqlite3_file *file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int file_shared_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
    int code = judge_unlocked(stage_of(file), agentd_disk_map);
    return code != SQLITE_OK ? code : real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}

static int file_shared_lock(sqlite3_file *file, int offset, int count, int flags) {
    struct staged_file *staged = (struct staged_file *)file;
    bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
    bool is_write_lock = (flags & SQLITE_SHM_EXCLUSIVE) && offset == write_lock;
    if (is_write_lock && unlocks) note_log_holder(staged, false);
    int code = unlocks ? SQLITE_OK : judge_unlocked(staged->stage, agentd_disk_lock);
    if (code == SQLITE_OK) code = real(file)->pMethods->xShmLock(real(file), offset, count, flags);
    if (code == SQLITE_OK && is_write_lock && !unlocks) note_log_holder(staged, true);
    return code;
}

static void file_shared_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }

static int file_shared_unmap(sqlite3_file *file, int delete_it) {
    return real(file)->pMethods->xShmUnmap(real(file), delete_it);
}

// Version 2: no memory-mapped reading, which would pass us by.
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shared_map,
    .xShmLock = file_shared_lock,
    .xShmBarrier = file_shared_barrier,
    .xShmUnmap = file_shared_unmap,
};

// MARK: The layer

static int layer_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *flags_out) {
    (void)vfs;
    agentd_stage *stage = find(path);
    if (stage == NULL) return below->xOpen(below, path, file, flags, flags_out);

    struct staged_file *staged = (struct staged_file *)file;
    file->pMethods = NULL;
    pthread_mutex_lock(&stage->mutex);
    int exists = 0;
    int code = judge(stage, agentd_disk_open, 0);
    if (code == SQLITE_OK) code = below->xAccess(below, path, SQLITE_ACCESS_EXISTS, &exists);
    if (code == SQLITE_OK) {
        code = below->xOpen(below, path, real(file), flags, flags_out);
        // A failed open may still want to be closed.
        if (code != SQLITE_OK && real(file)->pMethods) real(file)->pMethods->xClose(real(file));
    }
    if (code == SQLITE_OK) {
        *staged = (struct staged_file){
            .base = {&methods}, .stage = stage, .name = name_of(stage, path),
            .is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0, .is_log = (flags & SQLITE_OPEN_WAL) != 0};
        if (!exists) keep(stage, (struct agentd_disk_operation){agentd_disk_created, staged->name, 0, NULL, 0});
    }
    pthread_mutex_unlock(&stage->mutex);
    if (code != SQLITE_OK) release(stage);
    return code;
}

static int layer_delete(sqlite3_vfs *vfs, const char *path, int sync_directory) {
    (void)vfs;
    agentd_stage *stage = find(path);
    if (stage == NULL) return below->xDelete(below, path, sync_directory);
    pthread_mutex_lock(&stage->mutex);
    int code = judge(stage, agentd_disk_delete, 0);
    if (code == SQLITE_OK) code = below->xDelete(below, path, 0);
    if (code == SQLITE_OK) {
        keep(stage, (struct agentd_disk_operation){
            agentd_disk_deleted, name_of(stage, path), sync_directory, NULL, 0});
    }
    pthread_mutex_unlock(&stage->mutex);
    release(stage);
    return code;
}

static int layer_access(sqlite3_vfs *vfs, const char *path, int flags, int *answer) {
    (void)vfs;
    agentd_stage *stage = find(path);
    if (stage == NULL) return below->xAccess(below, path, flags, answer);
    int code = judge_unlocked(stage, agentd_disk_access);
    release(stage);
    return code != SQLITE_OK ? code : below->xAccess(below, path, flags, answer);
}

static int layer_full_path(sqlite3_vfs *vfs, const char *path, int size, char *out) {
    (void)vfs;
    return below->xFullPathname(below, path, size, out);
}

static void *layer_library_open(sqlite3_vfs *vfs, const char *path) { (void)vfs; return below->xDlOpen(below, path); }

static void layer_library_error(sqlite3_vfs *vfs, int size, char *out) { (void)vfs; below->xDlError(below, size, out); }

static void (*layer_library_symbol(sqlite3_vfs *vfs, void *library, const char *name))(void) {
    (void)vfs;
    return below->xDlSym(below, library, name);
}

static void layer_library_close(sqlite3_vfs *vfs, void *library) { (void)vfs; below->xDlClose(below, library); }

static int layer_randomness(sqlite3_vfs *vfs, int size, char *out) {
    (void)vfs;
    return below->xRandomness(below, size, out);
}

static int layer_sleep(sqlite3_vfs *vfs, int microseconds) { (void)vfs; return below->xSleep(below, microseconds); }

static int layer_time(sqlite3_vfs *vfs, double *days) { (void)vfs; return below->xCurrentTime(below, days); }

static int layer_last_error(sqlite3_vfs *vfs, int size, char *out) {
    (void)vfs;
    return below->xGetLastError(below, size, out);
}

static int layer_time64(sqlite3_vfs *vfs, sqlite3_int64 *time) { (void)vfs; return below->xCurrentTimeInt64(below, time); }

static void install(void) {
    if (sqlite3_initialize() != SQLITE_OK) return;
    sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    if (found == NULL || found->iVersion < 2) return;
    below = found;
    layer = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct staged_file) + found->szOsFile,
        .mxPathname = found->mxPathname,
        .zName = "agentd-stage",
        .xOpen = layer_open,
        .xDelete = layer_delete,
        .xAccess = layer_access,
        .xFullPathname = layer_full_path,
        .xDlOpen = layer_library_open,
        .xDlError = layer_library_error,
        .xDlSym = layer_library_symbol,
        .xDlClose = layer_library_close,
        .xRandomness = layer_randomness,
        .xSleep = layer_sleep,
        .xCurrentTime = layer_time,
        .xGetLastError = layer_last_error,
        .xCurrentTimeInt64 = layer_time64,
    };
    if (sqlite3_vfs_register(&layer, 1) != SQLITE_OK) below = NULL;
}

// MARK: What tests call

agentd_stage *agentd_stage_raise(const char *directory) {
    pthread_once(&once, install);
    if (below == NULL) return NULL;
    agentd_stage *stage = calloc(1, sizeof *stage);
    if (stage == NULL) return NULL;
    // SQLite asks for files by their real paths.
    if (realpath(directory, stage->directory) == NULL) {
        free(stage);
        return NULL;
    }
    stage->directory_length = strlen(stage->directory);
    snprintf(stage->reserve, sizeof stage->reserve, "%s/agentd.reserve", stage->directory);
    stage->holders = 1;
    pthread_mutex_init(&stage->mutex, NULL);
    pthread_mutex_lock(&stages_mutex);
    stage->next = stages;
    stages = stage;
    pthread_mutex_unlock(&stages_mutex);
    return stage;
}

void agentd_stage_strike(agentd_stage *stage) {
    pthread_mutex_lock(&stages_mutex);
    agentd_stage **place = &stages;
    while (*place != stage) place = &(*place)->next;
    *place = stage->next;
    pthread_mutex_unlock(&stages_mutex);
    pthread_mutex_lock(&stage->mutex);
    stage->fault = (struct agentd_disk_fault){0};
    stage->is_recording = false;
    pthread_mutex_unlock(&stage->mutex);
    release(stage);
}

void agentd_stage_fail(agentd_stage *stage, struct agentd_disk_fault fault) {
    pthread_mutex_lock(&stage->mutex);
    stage->fault = fault;
    stage->calls = 0;
    stage->failures = 0;
    stage->room_used = 0;
    pthread_mutex_unlock(&stage->mutex);
}

void agentd_stage_heal(agentd_stage *stage) {
    pthread_mutex_lock(&stage->mutex);
    stage->fault = (struct agentd_disk_fault){0};
    pthread_mutex_unlock(&stage->mutex);
}

void agentd_stage_kill(agentd_stage *stage) {
    pthread_mutex_lock(&stage->mutex);
    stage->is_dead = true;
    pthread_mutex_unlock(&stage->mutex);
}

uint64_t agentd_stage_calls(agentd_stage *stage) {
    pthread_mutex_lock(&stage->mutex);
    uint64_t calls = stage->calls;
    pthread_mutex_unlock(&stage->mutex);
    return calls;
}

uint64_t agentd_stage_failures(agentd_stage *stage) {
    pthread_mutex_lock(&stage->mutex);
    uint64_t failures = stage->failures;
    pthread_mutex_unlock(&stage->mutex);
    return failures;
}

void agentd_stage_record(agentd_stage *stage) {
    pthread_mutex_lock(&stage->mutex);
    stage->is_recording = true;
    pthread_mutex_unlock(&stage->mutex);
}

size_t agentd_stage_recorded(agentd_stage *stage) {
    pthread_mutex_lock(&stage->mutex);
    size_t count = stage->count;
    pthread_mutex_unlock(&stage->mutex);
    return count;
}

struct agentd_disk_operation agentd_stage_operation(agentd_stage *stage, size_t index) {
    pthread_mutex_lock(&stage->mutex);
    struct agentd_disk_operation operation = stage->operations[index];
    pthread_mutex_unlock(&stage->mutex);
    return operation;
}

size_t agentd_stage_files(agentd_stage *stage) {
    pthread_mutex_lock(&stage->mutex);
    size_t count = stage->name_count;
    pthread_mutex_unlock(&stage->mutex);
    return count;
}

const char *agentd_stage_file(agentd_stage *stage, size_t file) {
    pthread_mutex_lock(&stage->mutex);
    const char *name = stage->names[file];
    pthread_mutex_unlock(&stage->mutex);
    return name;
}

uint32_t agentd_stage_writers(agentd_stage *stage) {
    pthread_mutex_lock(&stage->mutex);
    uint32_t writers = stage->writers;
    pthread_mutex_unlock(&stage->mutex);
    return writers;
}
