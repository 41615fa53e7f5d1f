// Starts runs on the system under test, reads every frame, and believes nothing: each token of each run must come once, in
// order, under a seq that rises, before exactly one terminal event. Measures meanwhile what the other process spends.
//
// Usage: load-client --socket PATH | --http PORT --pid PID --connections N --runs N --tokens PER_RUN [--form FORM]
//                    [--ramp-ms N] [--settle-ms N] [--window-ms N] [--limit-s N]
//   paced  starts the runs over the ramp, waits until all stream and have settled, measures for a window, as long as all
//          stream, and then sees every run to its end
//   held   as paced, but leaves when the window closes
//   flat   starts all runs at once and measures from the first command to the last terminal event
//   stalled  starts the runs over the ramp, reads nothing for the window, then reads everything; every connection asks for
//          more than runs meanwhile, and wants every reply
//   loop   keeps so many runs going, each replaced by the next when it has ended; measures for a window after settling
// With --http every run is a POST of its own, one at a time on each connection, and the frames are the lines of the answer.
// Prints one JSON object; ends with 1 when anything was wrong, and the object says what. Where runs ended in the first half
// of the window, because starting them took too long, it says that too.
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024, LINE_BYTES = 2 * 1024 * 1024, EVENTS = 256 };

struct connection {
    int fd;
    // A line whose end has not come.
    char *line;
    size_t line_bytes, line_capacity;
    // Of an answer over HTTP: where in it this is, and the run to start when it has ended; -1 for none.
    enum { part_head, part_size, part_data, part_end } part;
    char head[4096];
    size_t head_bytes, chunk_left;
    int next_run;
};

// A text that should be token after token, at whatever places it is cut.
struct text {
    long tokens;
    int part_bytes;
    char part[TOKEN_BYTES];
};

struct run {
    bool is_accepted, has_content;
    int64_t started, seq;
    struct text text;
};

// What the process under test has used until a moment.
struct mark {
    int64_t at, cpu_ns;
    uint64_t tokens, ended;
    long rss_kb, anonymous_kb, peak_kb;
};

static enum { form_paced, form_held, form_flat, form_loop, form_stalled } form;
static struct connection *connections;
static struct run *runs;
static int connection_count, run_count, poll_fd;
static long tokens;
static pid_t pid;
static int64_t read_at;
static uint64_t token_count, frame_count, ended_count, error_count, asked_count, reply_count;
static int with_content, started_count;
static bool is_measuring, is_stopping, is_http, is_short;
static char error_text[512];
static struct histogram latency, first_content, run_time;

__attribute__((format(printf, 1, 2))) static void wrong(const char *format, ...) {
    if (error_count++) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error_text, sizeof error_text, format, arguments);
    va_end(arguments);
    for (char *c = error_text; *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ') *c = '\'';
}

// MARK: The process under test

static long status_kb(const char *status, const char *name) {
    const char *place = strstr(status, name);
    return place ? atol(place + strlen(name)) : 0;
}

static struct mark mark(void) {
    struct mark mark = {.tokens = token_count, .ended = ended_count};
    char path[64], status[4096];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    int file = open(path, O_RDONLY);
    ssize_t count = read(file, status, sizeof status - 1);
    close(file);
    clockid_t clock;
    struct timespec used;
    if (count <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        die("process %d is gone", pid);
    status[count] = 0;
    mark.rss_kb = status_kb(status, "VmRSS:");
    mark.anonymous_kb = status_kb(status, "RssAnon:");
    mark.peak_kb = status_kb(status, "VmHWM:");
    mark.cpu_ns = used.tv_sec * 1000000000LL + used.tv_nsec;
    mark.at = clock_ns();
    return mark;
}

// MARK: What comes

static void take_text(struct text *text, const char *bytes, size_t count, int index, bool is_live) {
    while (count) {
        size_t take = TOKEN_BYTES - text->part_bytes;
        if (take > count) take = count;
        memcpy(text->part + text->part_bytes, bytes, take);
        text->part_bytes += take;
        bytes += take;
        count -= take;
        if (text->part_bytes < TOKEN_BYTES) return;
        text->part_bytes = 0;
        int64_t number = get_digits(text->part + 1, NUMBER_DIGITS);
        int64_t stamp = get_digits(text->part + 1 + NUMBER_DIGITS, STAMP_DIGITS);
        if (text->part[0] != ' ' || number != text->tokens || stamp < 0)
            wrong("run %d: token %ld is '%.*s'", index, text->tokens, TOKEN_BYTES, text->part);
        text->tokens++;
        if (!is_live) continue;
        token_count++;
        if (is_measuring) histogram_add(&latency, ((read_at & STAMP_MASK) - stamp) & STAMP_MASK);
    }
}

// The value of a member, which must be there.
static const char *member(const char *line, size_t count, const char *name) {
    const char *place = memmem(line, count, name, strlen(name));
    return place ? place + strlen(name) : 0;
}

static size_t string_bytes(const char *text, const char *end) {
    const char *quote = memchr(text, '"', end - text);
    return quote ? quote - text : end - text;
}

static void send_line(int fd, const char *line, int count) {
    for (int sent = 0; sent < count;) {
        ssize_t more = send(fd, line + sent, count - sent, MSG_NOSIGNAL);
        if (more < 0 && errno == EAGAIN) poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 1000);
        else if (more < 0) die("send");
        else sent += more;
    }
}

static void start_run(int index) {
    char line[512], body[128];
    runs[index] = (struct run){.started = clock_ns()};
    int count = snprintf(body, sizeof body, "{\"cmd\":\"run\",\"id\":%d,\"agent\":\"bench\",\"input\":\"go\"}\n", index);
    if (is_http)
        count = snprintf(line, sizeof line, "POST /runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                         "Content-Length: %d\r\n\r\n%s", count, body);
    else memcpy(line, body, count);
    send_line(connections[index % connection_count].fd, line, count);
    started_count++;
}

// Commands whose replies wait with everything else; their id says that they are no runs.
static void ask_all(void) {
    static const char line[] = "{\"cmd\":\"ping\",\"id\":\"asked\"}\n{\"cmd\":\"list\",\"limit\":1,\"id\":\"asked\"}\n";
    for (int index = 0; index < connection_count; index++) send_line(connections[index].fd, line, sizeof line - 1);
    asked_count += 2 * connection_count;
}

static void end_run(int index, const char *line, size_t count) {
    struct run *run = &runs[index];
    if (run->text.tokens != tokens || run->text.part_bytes) wrong("run %d: ended after %ld tokens", index, run->text.tokens);
    // A terminal event repeats the whole text, where the system has it and did not cut it.
    const char *whole = member(line, count, "\"content\":\"");
    if (whole && !member(line, count, "\"clipped\":true")) {
        struct text text = {0};
        take_text(&text, whole, string_bytes(whole, line + count), index, false);
        if (text.tokens != tokens) wrong("run %d: the terminal event has %ld tokens", index, text.tokens);
    }
    ended_count++;
    if (is_measuring) histogram_add(&run_time, read_at - run->started);
    run->started = 0;
    if (form == form_loop && !is_stopping) {
        if (is_http) connections[index % connection_count].next_run = index;
        else start_run(index);
    }
}

static void take_line(const char *line, size_t count) {
    const char *id = member(line, count, "\"id\":");
    int index = id ? atoi(id) : -1;
    frame_count++;
    if (id && !strncmp(id, "\"asked\"", 7) && member(line, count, "\"ok\":true")) {
        reply_count++;
        return;
    }
    if (index < 0 || index >= run_count || !runs[index].started)
        return wrong("for no live run: %.*s", (int)(count < 200 ? count : 200), line);
    struct run *run = &runs[index];
    const char *event = member(line, count, "\"event\":\"");
    if (!event) {
        if (run->is_accepted || !member(line, count, "\"ok\":true"))
            wrong("run %d: %.*s", index, (int)(count < 200 ? count : 200), line);
        run->is_accepted = true;
        return;
    }
    if (!run->is_accepted) wrong("run %d: an event before the reply", index);
    const char *seq = member(line, count, "\"seq\":");
    int64_t number = seq ? atoll(seq) : -1;
    if (number <= run->seq) wrong("run %d: seq %lld after %lld", index, (long long)number, (long long)run->seq);
    run->seq = number;
    if (!strncmp(event, "run_content\"", 12)) {
        const char *text = member(line, count, "\"content\":\"");
        if (!text) return wrong("run %d: no content", index);
        if (!run->has_content) {
            run->has_content = true;
            with_content++;
            histogram_add(&first_content, read_at - run->started);
        }
        take_text(&run->text, text, string_bytes(text, line + count), index, true);
    } else if (!strncmp(event, "run_completed\"", 14)) {
        end_run(index, line, count);
    } else if (strncmp(event, "run_started\"", 12)) {
        wrong("run %d: %.*s", index, (int)(count < 300 ? count : 300), line);
        ended_count++;
        run->started = 0;
    }
}

static void keep_part(struct connection *connection, const char *bytes, size_t count) {
    if (connection->line_bytes + count > connection->line_capacity) {
        connection->line_capacity = 2 * (connection->line_bytes + count);
        errno = 0;
        if (connection->line_capacity > LINE_BYTES) die("a line of more than %d bytes", LINE_BYTES / 2);
        connection->line = realloc(connection->line, connection->line_capacity);
    }
    memcpy(connection->line + connection->line_bytes, bytes, count);
    connection->line_bytes += count;
}

static void take_bytes(struct connection *connection, const char *bytes, size_t count) {
    for (const char *end; (end = memchr(bytes, '\n', count)); count -= end + 1 - bytes, bytes = end + 1) {
        if (connection->line_bytes) {
            keep_part(connection, bytes, end - bytes);
            take_line(connection->line, connection->line_bytes);
            connection->line_bytes = 0;
        } else {
            take_line(bytes, end - bytes);
        }
    }
    if (count) keep_part(connection, bytes, count);
}

// One line of an answer's head, of a chunk's size, or of its end.
static void take_head(struct connection *connection, const char *line, size_t count) {
    if (connection->part == part_head) {
        if (!strncmp(line, "HTTP/1.1 ", 9) && strncmp(line + 9, "200", 3)) wrong("%.*s", (int)count, line);
        if (count == 0) connection->part = part_size;
        return;
    }
    if (connection->part == part_size) {
        connection->chunk_left = strtoul(line, 0, 16);
        connection->part = connection->chunk_left ? part_data : part_end;
        return;
    }
    connection->part = part_head;
    if (connection->line_bytes) wrong("an answer ends in the middle of a line");
    int next = connection->next_run;
    connection->next_run = -1;
    if (next >= 0) start_run(next);
}

static void take_http(struct connection *connection, const char *bytes, size_t count) {
    while (count) {
        if (connection->part == part_data) {
            // The data, and then its line end.
            size_t take = connection->chunk_left < count ? connection->chunk_left : count;
            take_bytes(connection, bytes, take);
            connection->chunk_left -= take;
            bytes += take;
            count -= take;
            if (connection->chunk_left == 0) {
                connection->part = part_size;
                connection->chunk_left = 2;
            }
        } else if (connection->part == part_size && connection->chunk_left) {
            connection->chunk_left--;
            bytes++;
            count--;
        } else {
            char byte = *bytes++;
            count--;
            errno = 0;
            if (connection->head_bytes == sizeof connection->head - 1) die("a head of more than 4 KiB");
            if (byte != '\n') {
                connection->head[connection->head_bytes++] = byte;
                continue;
            }
            size_t length = connection->head_bytes;
            if (length && connection->head[length - 1] == '\r') length--;
            connection->head[length] = 0;
            connection->head_bytes = 0;
            take_head(connection, connection->head, length);
        }
    }
}

static void hear(struct connection *connection) {
    static char buffer[READ_BYTES];
    ssize_t count = recv(connection->fd, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) die("the system under test closed a connection");
    read_at = clock_ns();
    if (is_http) take_http(connection, buffer, count);
    else take_bytes(connection, buffer, count);
}

// MARK: The course of a measurement

static void turn(int64_t until) {
    struct epoll_event events[EVENTS];
    int64_t left = until - clock_ns();
    if (left < 0) left = 0;
    int ready = epoll_pwait2(poll_fd, events, EVENTS, &(struct timespec){left / 1000000000, left % 1000000000}, 0);
    for (int index = 0; index < ready; index++) hear(events[index].data.ptr);
}

// Nothing is read.
static void doze(int64_t until) {
    int64_t left = until - clock_ns();
    if (left > 0) nanosleep(&(struct timespec){left / 1000000000, left % 1000000000}, 0);
}

static void pass(long ms) {
    for (int64_t until = clock_ns() + ms * 1000000; clock_ns() < until;) turn(until);
}

static int connect_one(const char *path, int port) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in remote = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(is_http ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    if (is_http) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        if (connect(fd, (struct sockaddr *)&remote, sizeof remote) != 0) die("connect");
    } else {
        snprintf(local.sun_path, sizeof local.sun_path, "%s", path);
        if (connect(fd, (struct sockaddr *)&local, sizeof local) != 0) die("connect");
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void connect_all(const char *path, int port) {
    connections = calloc(connection_count, sizeof *connections);
    for (int index = 0; index < connection_count; index++) {
        connections[index].fd = connect_one(path, port);
        connections[index].next_run = -1;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[index]};
        if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, connections[index].fd, &event) != 0) die("epoll_ctl");
    }
}

static void await_runs(uint64_t wanted, int64_t limit) {
    while (ended_count < wanted && clock_ns() < limit) turn(limit);
    if (ended_count < wanted) wrong("%d runs started, %d with content, %lu ended at the time limit", started_count,
                                    with_content, (unsigned long)ended_count);
}

static void report(struct mark from, struct mark to, struct mark stalled) {
    double seconds = (to.at - from.at) / 1e9, cpu = (to.cpu_ns - from.cpu_ns) / 1000.0;
    uint64_t delivered = to.tokens - from.tokens, ended = to.ended - from.ended;
    printf("{\"seconds\":%.3f,\"tokens\":%lu,\"tokens_per_s\":%.0f,\"cpu_share\":%.3f", seconds, (unsigned long)delivered,
           delivered / seconds, cpu / 1e6 / seconds);
    if (delivered) printf(",\"cpu_us_per_token\":%.3f", cpu / delivered);
    if (ended) printf(",\"runs_per_s\":%.0f,\"cpu_us_per_run\":%.1f", ended / seconds, cpu / ended);
    const struct histogram *times[] = {&latency, &first_content, &run_time};
    const char *names[] = {"latency", "first_content", "run"};
    for (int index = 0; index < 3; index++)
        if (times[index]->count)
            printf(",\"%s_us\":{\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}", names[index],
                   histogram_us(times[index], 0.5), histogram_us(times[index], 0.99), histogram_us(times[index], 0.999),
                   times[index]->longest / 1000.0);
    if (form == form_stalled)
        printf(",\"stalled_peak_kb\":%ld,\"replies\":%lu", stalled.peak_kb, (unsigned long)reply_count);
    printf(",\"rss_kb\":%ld,\"anonymous_kb\":%ld,\"peak_rss_kb\":%ld,\"frames\":%lu,\"runs\":%d,\"is_short\":%s,"
           "\"errors\":%lu,\"first_error\":\"%s\"}\n", to.rss_kb, to.anonymous_kb, to.peak_kb,
           (unsigned long)frame_count, started_count, is_short ? "true" : "false", (unsigned long)error_count, error_text);
}

int main(int count, char **arguments) {
    static const char *const forms[] = {"paced", "held", "flat", "loop", "stalled"};
    const char *wish = option(count, arguments, "form", "paced");
    unsigned chosen = 0;
    while (chosen < sizeof forms / sizeof *forms && strcmp(wish, forms[chosen])) chosen++;
    if (chosen == sizeof forms / sizeof *forms) return fprintf(stderr, "load-client: no form %s\n", wish), 2;
    form = chosen;
    connection_count = number_option(count, arguments, "connections", 0);
    run_count = number_option(count, arguments, "runs", 0);
    tokens = number_option(count, arguments, "tokens", 0);
    pid = number_option(count, arguments, "pid", 0);
    long ramp_ms = number_option(count, arguments, "ramp-ms", "1000");
    long settle_ms = number_option(count, arguments, "settle-ms", "500");
    long window_ms = number_option(count, arguments, "window-ms", "3000");
    int64_t limit = clock_ns() + number_option(count, arguments, "limit-s", "60") * 1000000000;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGINT, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    runs = calloc(run_count, sizeof *runs);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    int port = number_option(count, arguments, "http", "0");
    is_http = port != 0;
    errno = 0;
    if (is_http && connection_count != run_count) die("over HTTP every run has a connection of its own");
    connect_all(is_http ? 0 : option(count, arguments, "socket", 0), port);

    struct mark from = mark(), to, stalled = from;
    is_measuring = form == form_flat;
    int64_t begun = clock_ns();
    for (int index = 0; index < run_count; index++) {
        bool has_ramp = form == form_paced || form == form_held || form == form_stalled;
        int64_t due = begun + (has_ramp ? ramp_ms * 1000000 / run_count * index : 0);
        while (clock_ns() < due) form == form_stalled ? doze(due) : turn(due);
        start_run(index);
    }
    if (form == form_stalled) {
        // Before anything has filled up, when all has, and between.
        for (int asked = 0; asked < 8; asked++) {
            ask_all();
            doze(clock_ns() + window_ms * 1000000 / 8);
        }
        stalled = mark();
        await_runs(run_count, limit);
        for (; reply_count < asked_count && clock_ns() < limit;) turn(limit);
        if (reply_count != asked_count) wrong("%lu of %lu replies came", (unsigned long)reply_count, (unsigned long)asked_count);
        to = mark();
    } else if (form == form_flat) {
        await_runs(run_count, limit);
        to = mark();
    } else {
        while (form <= form_held && with_content < run_count && !error_count && clock_ns() < limit) turn(limit);
        pass(settle_ms);
        from = mark();
        is_measuring = true;
        // On a full machine the start takes longer than planned; the window closes when the first run ends.
        for (int64_t until = from.at + window_ms * 1000000; clock_ns() < until;) {
            if (form <= form_held && ended_count) break;
            turn(until);
        }
        is_measuring = false;
        to = mark();
        is_short = to.at - from.at < window_ms * 500000;
        is_stopping = true;
        if (form != form_held) await_runs(started_count, limit);
    }
    // What comes after the last terminal event would be wrong.
    if (form != form_held) pass(50);
    report(from, to, stalled);
    return error_count > 0;
}
