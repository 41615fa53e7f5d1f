// The smallest honest relay: libcurl on epoll, the text of each delta found by its name, one frame and one row for each
// token, no merging. It answers the one command `run` of agentd's protocol, with frames and rows of the same members, and
// is what agentd's cost per token is measured against. It is not a daemon: it checks nothing that a bench does not need.
//
// Usage: yardstick --socket PATH --base-url URL --db PATH --commit none|lax|equal [--fault none|lose|repeat]
//   equal  commits each turn of its loop before it delivers what the turn brought, as agentd does
//   lax    delivers, and commits every 20 ms
//   none   keeps nothing
// What one turn has for one connection is one write. A fault is done to one token, so that a client can show that it
// notices.
#define _GNU_SOURCE
#include "bench.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_DESCRIPTORS = 65536, EVENTS = 512, LINE_BYTES = 64 * 1024, NAME_BYTES = 64, FAULTY_TOKEN = 500 };

static const int64_t lax_interval = 20 * 1000000;

struct buffer {
    char *bytes;
    size_t count, sent, capacity;
};

struct client {
    int fd;
    bool is_dirty, waits_for_room;
    char *line;
    size_t line_bytes;
    struct buffer out;
};

// A run, and the transfer that it reuses.
struct run {
    CURL *easy;
    struct client *client;
    struct run *next;
    struct buffer partial;
    long seq;
    char id[NAME_BYTES], name[NAME_BYTES], message[NAME_BYTES];
    int name_bytes, message_bytes;
    // A content frame as far as its seq.
    char head[256];
    int head_bytes;
};

static struct client *clients[MAX_DESCRIPTORS];
static struct client *dirty[MAX_DESCRIPTORS];
static int dirty_count;
static struct run *free_runs;
static CURLM *multi;
static int64_t curl_due = -1;
static int poll_fd;
static char url[512];
static struct curl_slist *headers;
static enum { commit_none, commit_lax, commit_equal } commit_form;
static enum { fault_none, fault_lose, fault_repeat } fault;
static sqlite3 *db;
static sqlite3_stmt *begin, *commit, *insert;
static int64_t transaction_began = -1;
static int64_t epoch_ms;
static long run_count, token_count;

// MARK: Bytes

static void append(struct buffer *buffer, const void *bytes, size_t count) {
    if (buffer->count + count > buffer->capacity) {
        buffer->capacity = (buffer->count + count) * 2;
        buffer->bytes = realloc(buffer->bytes, buffer->capacity);
    }
    memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
}

static char *put_text(char *place, const char *text, size_t count) {
    memcpy(place, text, count);
    return place + count;
}

#define put(place, literal) put_text(place, literal, sizeof literal - 1)

static char *put_number(char *place, uint64_t value) {
    char digits[20];
    int count = 0;
    do digits[count++] = '0' + value % 10;
    while (value /= 10);
    while (count) *place++ = digits[--count];
    return place;
}

// MARK: Rows

static void run_sql(const char *sql) {
    if (sqlite3_exec(db, sql, 0, 0, 0) != SQLITE_OK) die("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, 0) != SQLITE_OK)
        die("%s: %s", sql, sqlite3_errmsg(db));
    return statement;
}

static void step(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) die("sqlite: %s", sqlite3_errmsg(db));
    sqlite3_reset(statement);
}

static void open_database(const char *path) {
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, 0) != SQLITE_OK)
        die("%s", path);
    run_sql("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "CREATE TABLE events (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, seq INTEGER NOT NULL, ts INTEGER NOT "
            "NULL, event TEXT NOT NULL, payload TEXT NOT NULL) STRICT");
    begin = prepare("BEGIN IMMEDIATE");
    commit = prepare("COMMIT");
    insert = prepare("INSERT INTO events (run_id, seq, ts, event, payload) VALUES (?, ?, ?, ?, ?)");
}

static void keep(struct run *run, const char *event, int event_bytes, const char *payload, int payload_bytes) {
    if (commit_form == commit_none) return;
    if (transaction_began < 0) {
        step(begin);
        transaction_began = clock_ns();
    }
    sqlite3_bind_text(insert, 1, run->name, run->name_bytes, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, run->seq);
    sqlite3_bind_int64(insert, 3, epoch_ms);
    sqlite3_bind_text(insert, 4, event, event_bytes, SQLITE_STATIC);
    sqlite3_bind_text(insert, 5, payload, payload_bytes, SQLITE_STATIC);
    step(insert);
}

static void commit_rows(void) {
    if (transaction_began < 0) return;
    step(commit);
    transaction_began = -1;
}

// MARK: Frames

static void mark_dirty(struct client *client) {
    if (client->is_dirty) return;
    client->is_dirty = true;
    dirty[dirty_count++] = client;
}

static void send_event(struct run *run, const char *event, const char *members) {
    char payload[512], frame[1024];
    int payload_bytes = snprintf(payload, sizeof payload, "{%s}", members);
    run->seq++;
    keep(run, event, strlen(event), payload, payload_bytes);
    if (!run->client) return;
    int frame_bytes = snprintf(
        frame, sizeof frame, "{\"event\":\"%s\",\"id\":%s,\"run_id\":\"%s\",\"session_id\":\"ses_%s\",\"seq\":%ld,"
        "\"ts\":%lld,%s}\n", event, run->id, run->name, run->name + 4, run->seq, (long long)epoch_ms, members);
    append(&run->client->out, frame, frame_bytes);
    mark_dirty(run->client);
}

static void send_token(struct run *run, const char *text, size_t count) {
    static char frame[LINE_BYTES + 512];
    if (count > LINE_BYTES) die("a token of %zu bytes", count);
    char *place = put_text(frame, run->head, run->head_bytes);
    place = put_number(place, ++run->seq);
    place = put(place, ",\"ts\":");
    place = put_number(place, epoch_ms);
    *place++ = ',';
    // The payload is the frame's last two members, in braces of their own.
    char *payload = place - 1;
    place = put(place, "\"content\":\"");
    place = put_text(place, text, count);
    place = put(place, "\",\"message_id\":\"");
    place = put_text(place, run->message, run->message_bytes);
    place = put(place, "\"}");
    *payload = '{';
    keep(run, "run_content", sizeof "run_content" - 1, payload, place - payload);
    *payload = ',';
    *place++ = '\n';
    if (!run->client) return;
    append(&run->client->out, frame, place - frame);
    mark_dirty(run->client);
}

// MARK: The provider

// Finds the text of a delta, as it stands in JSON.
static void take_line(struct run *run, const char *line, size_t count) {
    static const char name[] = "\"content\":\"";
    const char *text = memmem(line, count, name, sizeof name - 1);
    if (!text) return;
    text += sizeof name - 1;
    const char *end = text;
    while (end < line + count && *end != '"') end += *end == '\\' ? 2 : 1;
    if (end >= line + count || end == text) return;
    bool is_faulty = ++token_count == FAULTY_TOKEN;
    if (is_faulty && fault == fault_lose) return;
    send_token(run, text, end - text);
    if (is_faulty && fault == fault_repeat) send_token(run, text, end - text);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    struct run *run = context;
    size_t rest = size * count;
    for (char *end; (end = memchr(bytes, '\n', rest)); rest -= end + 1 - bytes, bytes = end + 1) {
        if (run->partial.count) {
            append(&run->partial, bytes, end - bytes);
            take_line(run, run->partial.bytes, run->partial.count);
            run->partial.count = 0;
        } else {
            take_line(run, bytes, end - bytes);
        }
    }
    if (rest) append(&run->partial, bytes, rest);
    return size * count;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known) {
    (void)easy, (void)context;
    struct epoll_event event = {.data.fd = fd};
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(poll_fd, EPOLL_CTL_DEL, fd, 0);
        return 0;
    }
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    if (epoll_ctl(poll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
    curl_multi_assign(multi, fd, &poll_fd);
    return 0;
}

static int on_timer(CURLM *handle, long ms, void *context) {
    (void)handle, (void)context;
    curl_due = ms < 0 ? -1 : clock_ns() + ms * 1000000;
    return 0;
}

static struct run *make_run(void) {
    struct run *run = free_runs;
    if (run) {
        free_runs = run->next;
        return run;
    }
    run = calloc(1, sizeof *run);
    run->easy = curl_easy_init();
    curl_easy_setopt(run->easy, CURLOPT_URL, url);
    curl_easy_setopt(run->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(run->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(run->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(run->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(run->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(run->easy, CURLOPT_WRITEDATA, run);
    curl_easy_setopt(run->easy, CURLOPT_PRIVATE, run);
    curl_easy_setopt(run->easy, CURLOPT_POSTFIELDS,
                     "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"go\"}],\"stream\":true}");
    return run;
}

static void finish_runs(void) {
    int waiting;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &waiting));) {
        struct run *run;
        long status = 0;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &run);
        curl_easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(multi, run->easy);
        if (result != CURLE_OK || status != 200) fprintf(stderr, "%s, %ld\n", curl_easy_strerror(result), status);
        bool is_good = result == CURLE_OK && status == 200;
        send_event(run, is_good ? "run_completed" : "run_error", is_good ? "\"status\":\"completed\"" : "\"status\":\"error\"");
        run->next = free_runs;
        free_runs = run;
    }
}

// MARK: Clients

static void start_run(struct client *client, const char *line) {
    struct run *run = make_run();
    const char *id = strstr(line, "\"id\":");
    run->client = client;
    run->seq = 0;
    run->partial.count = 0;
    snprintf(run->id, sizeof run->id, "%ld", id ? atol(id + 5) : 0);
    run->name_bytes = snprintf(run->name, sizeof run->name, "run_01jdxk%020ld", ++run_count);
    run->message_bytes = snprintf(run->message, sizeof run->message, "msg_%s", run->name + 4);
    run->head_bytes = snprintf(
        run->head, sizeof run->head, "{\"event\":\"run_content\",\"id\":%s,\"run_id\":\"%s\",\"session_id\":\"ses_%s\","
        "\"seq\":", run->id, run->name, run->name + 4);
    char reply[512];
    append(&client->out, reply,
           snprintf(reply, sizeof reply, "{\"ok\":true,\"cmd\":\"run\",\"id\":%s,\"run_id\":\"%s\",\"session_id\":"
                    "\"ses_%s\",\"status\":\"running\"}\n", run->id, run->name, run->name + 4));
    send_event(run, "run_started", "\"status\":\"running\"");
    curl_multi_add_handle(multi, run->easy);
}

static void end_client(struct client *client) {
    // What it leaves running ends unheard; a bench lets its runs end first.
    clients[client->fd] = 0;
    close(client->fd);
    client->fd = -1;
}

static void hear(struct client *client) {
    ssize_t count = recv(client->fd, client->line + client->line_bytes, LINE_BYTES - 1 - client->line_bytes, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return end_client(client);
    client->line_bytes += count;
    char *line = client->line, *end;
    for (size_t rest; (rest = client->line + client->line_bytes - line) && (end = memchr(line, '\n', rest));) {
        *end = 0;
        start_run(client, line);
        line = end + 1;
    }
    client->line_bytes -= line - client->line;
    memmove(client->line, line, client->line_bytes);
}

static void flush(struct client *client) {
    struct buffer *out = &client->out;
    if (client->fd < 0) out->count = out->sent = 0;
    while (out->sent < out->count) {
        ssize_t sent = send(client->fd, out->bytes + out->sent, out->count - out->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            end_client(client);
            out->sent = out->count;
        }
        if (sent < 0) break;
        out->sent += sent;
    }
    bool waits = out->sent < out->count;
    if (!waits) out->count = out->sent = 0;
    if (client->fd < 0 || waits == client->waits_for_room) return;
    client->waits_for_room = waits;
    struct epoll_event event = {.events = waits ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.fd = client->fd};
    epoll_ctl(poll_fd, EPOLL_CTL_MOD, client->fd, &event);
}

static void welcome(int listener) {
    for (int fd; (fd = accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        struct client *client = calloc(1, sizeof *client);
        client->fd = fd;
        client->line = malloc(LINE_BYTES);
        clients[fd] = client;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

// MARK: The loop

static void end_turn(void) {
    if (commit_form == commit_equal) commit_rows();
    for (int index = 0; index < dirty_count; index++) {
        dirty[index]->is_dirty = false;
        flush(dirty[index]);
    }
    dirty_count = 0;
    if (transaction_began >= 0 && clock_ns() - transaction_began >= lax_interval) commit_rows();
}

static void wait_and_act(int listener) {
    struct epoll_event events[EVENTS];
    int64_t due = curl_due, now = clock_ns();
    if (transaction_began >= 0 && (due < 0 || due > transaction_began + lax_interval))
        due = transaction_began + lax_interval;
    int wait_ms = due < 0 ? -1 : due > now ? (due - now + 999999) / 1000000 : 0;
    int ready = epoll_wait(poll_fd, events, EVENTS, wait_ms), running;
    struct timespec epoch;
    clock_gettime(CLOCK_REALTIME, &epoch);
    epoch_ms = epoch.tv_sec * 1000LL + epoch.tv_nsec / 1000000;
    for (int index = 0; index < ready; index++) {
        int fd = events[index].data.fd;
        uint32_t what = events[index].events;
        if (fd == listener) {
            welcome(fd);
        } else if (clients[fd]) {
            if (what & EPOLLOUT) flush(clients[fd]);
            if (clients[fd] && what & (EPOLLIN | EPOLLHUP)) hear(clients[fd]);
        } else {
            int mask = (what & EPOLLIN ? CURL_CSELECT_IN : 0) | (what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                       (what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR | CURL_CSELECT_IN : 0);
            curl_multi_socket_action(multi, fd, mask, &running);
        }
    }
    if (curl_due >= 0 && clock_ns() >= curl_due) {
        curl_due = -1;
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    finish_runs();
}

int main(int count, char **arguments) {
    static const char *const forms[] = {"none", "lax", "equal"}, *const faults[] = {"none", "lose", "repeat"};
    for (int index = 0; index < 3; index++) {
        if (!strcmp(option(count, arguments, "commit", 0), forms[index])) commit_form = index;
        if (!strcmp(option(count, arguments, "fault", "none"), faults[index])) fault = index;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGINT, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (commit_form != commit_none) open_database(option(count, arguments, "db", 0));

    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    snprintf(url, sizeof url, "%s/chat/completions", option(count, arguments, "base-url", 0));
    headers = curl_slist_append(curl_slist_append(0, "Content-Type: application/json"), "Expect:");
    curl_global_init(CURL_GLOBAL_ALL);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 8192L);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);

    // Who sees the name may connect: it comes after listening.
    const char *path = option(count, arguments, "socket", 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s.new", path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0 ||
        rename(address.sun_path, path) != 0)
        die("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        wait_and_act(listener);
        end_turn();
    }
}
