// What a delta costs under seven table layouts: CPU per row and pages written to the write-ahead log per commit, with
// 1000 runs that take turns. Swept tables keep the last 20,000 rows. Usage: log-layout ROWS_PER_TRANSACTION
// Build: cc -O2 log-layout.c -lsqlite3 -o log-layout
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { RUNS = 1000, ROWS = 400000, COMMITS_PER_CHECKPOINT = 200, LIVE_ROWS = 20000, SWEPT_AT_ONCE = 1024 };

#define COLUMNS "run_id TEXT, seq INT, ts INT, event TEXT, payload TEXT"

struct layout {
    const char *name, *schema;
    int is_swept;
};

static const struct layout layouts[] = {
    {"plain, kept for ever", "CREATE TABLE e (id INTEGER PRIMARY KEY, " COLUMNS ")", 0},
    {"plain, swept from behind", "CREATE TABLE e (id INTEGER PRIMARY KEY, " COLUMNS ")", 1},
    {"plain, swept, auto_vacuum incremental",
     "PRAGMA auto_vacuum = INCREMENTAL; CREATE TABLE e (id INTEGER PRIMARY KEY, " COLUMNS ")", 1},
    {"the same, pages of 2048 bytes",
     "PRAGMA page_size = 2048; PRAGMA auto_vacuum = INCREMENTAL; CREATE TABLE e (id INTEGER PRIMARY KEY, " COLUMNS ")", 1},
    {"the same, pages of 1024 bytes",
     "PRAGMA page_size = 1024; PRAGMA auto_vacuum = INCREMENTAL; CREATE TABLE e (id INTEGER PRIMARY KEY, " COLUMNS ")", 1},
    {"clustered on (run_id, seq)", "CREATE TABLE e (" COLUMNS ", PRIMARY KEY (run_id, seq)) WITHOUT ROWID", 0},
    {"plain, index on (run_id, seq)",
     "CREATE TABLE e (id INTEGER PRIMARY KEY, " COLUMNS "); CREATE INDEX i ON e (run_id, seq)", 0},
};

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void run(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, 0, 0, 0) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
        exit(1);
    }
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, 0) != SQLITE_OK) exit(1);
    return statement;
}

static void step(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) exit(1);
    sqlite3_reset(statement);
}

static void measure(const char *directory, const struct layout *layout, int rows_per_transaction) {
    char path[4096];
    snprintf(path, sizeof path, "%s/log.db", directory);
    sqlite3 *db = 0;
    if (sqlite3_open(path, &db) != SQLITE_OK) exit(1);
    run(db, layout->schema);
    run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;"
            "PRAGMA secure_delete = ON");
    sqlite3_stmt *begin = prepare(db, "BEGIN IMMEDIATE"), *commit = prepare(db, "COMMIT");
    sqlite3_stmt *insert = prepare(db, "INSERT INTO e (run_id, seq, ts, event, payload) VALUES (?, ?, ?, 'run_content', ?)");
    sqlite3_stmt *sweep = layout->is_swept ? prepare(db, "DELETE FROM e WHERE id < ?") : 0;
    static const char payload[] = "{\"content\":\"hello wo\",\"message_id\":\"msg_01jdxk00000000000000000001\"}";
    double started = cpu_seconds();
    long commits = 0, pages = 0;
    for (int row = 0, swept = 0; row < ROWS; commits++) {
        step(begin);
        for (int n = 0; n < rows_per_transaction && row < ROWS; n++, row++) {
            char id[32];
            int length = snprintf(id, sizeof id, "run_%026d", (int)(row * 7919L % RUNS));
            sqlite3_bind_text(insert, 1, id, length, SQLITE_STATIC);
            sqlite3_bind_int64(insert, 2, row / RUNS);
            sqlite3_bind_int64(insert, 3, 1790000000000 + row);
            sqlite3_bind_text(insert, 4, payload, sizeof payload - 1, SQLITE_STATIC);
            step(insert);
        }
        step(commit);
        if (sweep && row - swept > LIVE_ROWS + SWEPT_AT_ONCE) {
            swept += SWEPT_AT_ONCE;
            sqlite3_bind_int64(sweep, 1, swept);
            step(sweep);
        }
        if (commits % COMMITS_PER_CHECKPOINT == COMMITS_PER_CHECKPOINT - 1) {
            int in_log = 0;
            sqlite3_wal_checkpoint_v2(db, 0, SQLITE_CHECKPOINT_PASSIVE, &in_log, 0);
            pages += in_log;
        }
    }
    printf("%-40s %6.2f us/row %6.1f pages/commit\n", layout->name, (cpu_seconds() - started) * 1e6 / ROWS,
           (double)pages / commits);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_finalize(insert);
    sqlite3_finalize(sweep);
    sqlite3_close(db);
    unlink(path);
}

int main(int count, char **arguments) {
    int rows_per_transaction = count > 1 ? atoi(arguments[1]) : 9;
    if (rows_per_transaction < 1) return 64;
    char directory[] = "/tmp/log-layout.XXXXXX";
    if (!mkdtemp(directory)) return 73;
    for (size_t n = 0; n < sizeof layouts / sizeof layouts[0]; n++)
        measure(directory, &layouts[n], rows_per_transaction);
    rmdir(directory);
    return 0;
}
