// A provider that streams as OpenAI does, at a pace of its own: every token at its own moment, in a chunk of its own, in
// a TCP segment of its own. The first token of a stream comes at once, the others at the rate, each stream out of step
// with the others. At rate 0 a stream comes as fast as its reader takes it, many chunks to a write.
//
// Usage: mock-provider --rate TOKENS_PER_SECOND --tokens PER_STREAM. Prints its port, serves until it is told to end,
// and then prints how late it was, what was asked of it, and when it saw a stream's reader go away before the end.
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_DESCRIPTORS = 65536, MAX_ABORTED = 8192, REQUEST_BYTES = 256 * 1024, WRITE_BYTES = 64 * 1024, EVENTS = 256 };

#define CHUNK_HEAD                                                                                                     \
    "data: {\"id\":\"chatcmpl-CeJx5zQ8vT2mK1nW7rYb4Ud9Ls0Ph\",\"object\":\"chat.completion.chunk\",\"created\":"      \
    "1763800000,\"model\":\"gpt-4o-mini-2024-07-18\",\"system_fingerprint\":\"fp_560af6e559\",\"choices\":["
#define CHUNK_TAIL "\n\n"

static const char response_head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
                                    "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
static const char role_chunk[] = CHUNK_HEAD
    "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}" CHUNK_TAIL;
static const char token_head[] = CHUNK_HEAD "{\"index\":0,\"delta\":{\"content\":\"";
static const char token_tail[] = "\"},\"finish_reason\":null}]}" CHUNK_TAIL;
static const char last_chunk[] = CHUNK_HEAD "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}" CHUNK_TAIL;
static const char done_chunk[] = "data: [DONE]\n\n";

// One connection, and the answer that it carries at the moment.
struct stream {
    int fd;
    bool is_answering, waits_for_room;
    long token, tokens;
    int64_t due;
    char *request;
    size_t request_bytes;
    // What the kernel did not take.
    char *rest;
    size_t rest_bytes, rest_sent;
};

struct entry {
    int64_t due;
    struct stream *stream;
};

static struct stream *streams[MAX_DESCRIPTORS];
static struct entry heap[MAX_DESCRIPTORS];
static int heap_count;
static int poll_fd;
static int64_t interval;
static long tokens;
static char out[WRITE_BYTES + 4096];
static size_t out_bytes;
static struct histogram lateness;
static uint64_t requested_count, requested_bytes;
static int64_t aborted[MAX_ABORTED];
static int aborted_count;
static volatile sig_atomic_t is_ending;

static void heap_push(struct stream *stream) {
    int place = heap_count++;
    while (place > 0 && heap[(place - 1) / 2].due > stream->due) {
        heap[place] = heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    heap[place] = (struct entry){stream->due, stream};
}

static struct stream *heap_pop(void) {
    struct stream *first = heap[0].stream;
    struct entry last = heap[--heap_count];
    int place = 0;
    for (int child; (child = 2 * place + 1) < heap_count; place = child) {
        if (child + 1 < heap_count && heap[child + 1].due < heap[child].due) child++;
        if (heap[child].due >= last.due) break;
        heap[place] = heap[child];
    }
    heap[place] = last;
    return first;
}

static void watch(struct stream *stream, int operation, uint32_t what) {
    struct epoll_event event = {.events = what, .data.fd = stream->fd};
    if (epoll_ctl(poll_fd, operation, stream->fd, &event) != 0) die("epoll_ctl");
}

static void add(const void *bytes, size_t count) {
    memcpy(out + out_bytes, bytes, count);
    out_bytes += count;
}

static void add_chunk(const char *text, size_t count) {
    out_bytes += sprintf(out + out_bytes, "%zx\r\n", count);
    add(text, count);
    add("\r\n", 2);
}

static void add_token(struct stream *stream) {
    static char size[8];
    static int size_bytes;
    if (!size_bytes) size_bytes = sprintf(size, "%zx\r\n", sizeof token_head + sizeof token_tail - 2 + TOKEN_BYTES);
    add(size, size_bytes);
    add(token_head, sizeof token_head - 1);
    put_token(out + out_bytes, stream->token++, clock_ns());
    out_bytes += TOKEN_BYTES;
    add(token_tail, sizeof token_tail - 1);
    add("\r\n", 2);
}

static void add_end(struct stream *stream) {
    add_chunk(last_chunk, sizeof last_chunk - 1);
    add_chunk(done_chunk, sizeof done_chunk - 1);
    add("0\r\n\r\n", 5);
    stream->is_answering = false;
}

static void end(struct stream *stream) {
    if (stream->is_answering && aborted_count < MAX_ABORTED) aborted[aborted_count++] = clock_ns();
    for (int place = 0; place < heap_count; place++) {
        if (heap[place].stream != stream) continue;
        // An aborted stream: rare, so the heap is built anew.
        int count = heap_count;
        heap_count = 0;
        for (int index = 0; index < count; index++)
            if (heap[index].stream != stream) heap_push(heap[index].stream);
        break;
    }
    streams[stream->fd] = 0;
    close(stream->fd);
    free(stream->request);
    free(stream->rest);
    free(stream);
}

// One write; false when the stream is gone.
static bool flush(struct stream *stream) {
    ssize_t sent = out_bytes ? send(stream->fd, out, out_bytes, MSG_NOSIGNAL) : 0;
    if (sent < 0 && errno != EAGAIN) {
        out_bytes = 0;
        end(stream);
        return false;
    }
    if (sent < 0) sent = 0;
    if ((size_t)sent < out_bytes) {
        stream->rest_bytes = out_bytes - sent;
        stream->rest_sent = 0;
        stream->rest = realloc(stream->rest, stream->rest_bytes);
        memcpy(stream->rest, out + sent, stream->rest_bytes);
    }
    out_bytes = 0;
    bool waits = stream->rest_bytes > 0 || (interval == 0 && stream->is_answering);
    if (waits != stream->waits_for_room) watch(stream, EPOLL_CTL_MOD, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
    stream->waits_for_room = waits;
    return true;
}

// As much as one write takes.
static void pour(struct stream *stream) {
    while (stream->token < stream->tokens && out_bytes < WRITE_BYTES) add_token(stream);
    if (stream->is_answering && stream->token == stream->tokens) add_end(stream);
    flush(stream);
}

static void answer(struct stream *stream) {
    stream->is_answering = true;
    stream->token = 0;
    add(response_head, sizeof response_head - 1);
    add_chunk(role_chunk, sizeof role_chunk - 1);
    if (interval == 0) return pour(stream);
    add_token(stream);
    if (stream->token == stream->tokens) add_end(stream);
    bool goes_on = stream->is_answering;
    if (!flush(stream) || !goes_on) return;
    // The golden ratio spreads any number of streams evenly over the interval.
    static double phase;
    phase += 0.6180339887498949;
    if (phase >= 1) phase -= 1;
    stream->due = clock_ns() + interval + (int64_t)(phase * interval);
    heap_push(stream);
}

static void tick(struct stream *stream, int64_t now) {
    histogram_add(&lateness, now - stream->due);
    if (stream->rest_bytes) {
        // The reader is behind: nothing is sent before it has what there is.
        stream->due = now + interval;
        return heap_push(stream);
    }
    add_token(stream);
    // The last token and the end share a write.
    if (stream->token == stream->tokens) add_end(stream);
    bool goes_on = stream->is_answering;
    if (!flush(stream) || !goes_on) return;
    stream->due += interval;
    heap_push(stream);
}

static void room(struct stream *stream) {
    if (stream->rest_bytes) {
        ssize_t sent = send(stream->fd, stream->rest + stream->rest_sent, stream->rest_bytes, MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN ? (void)0 : end(stream);
        stream->rest_sent += sent;
        stream->rest_bytes -= sent;
        if (stream->rest_bytes) return;
    }
    if (interval == 0 && stream->is_answering) return pour(stream);
    flush(stream);
}

static void hear(struct stream *stream) {
    ssize_t count = recv(stream->fd, stream->request + stream->request_bytes, REQUEST_BYTES - stream->request_bytes, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return end(stream);
    stream->request_bytes += count;
    char *head_end = memmem(stream->request, stream->request_bytes, "\r\n\r\n", 4);
    if (!head_end) return;
    *head_end = 0;
    char *length = strcasestr(stream->request, "content-length:");
    *head_end = '\r';
    size_t wanted = head_end + 4 - stream->request + (length ? atol(length + 15) : 0);
    errno = 0;
    if (wanted > REQUEST_BYTES) die("a request of %zu bytes", wanted);
    if (stream->request_bytes < wanted) return;
    if (stream->is_answering || stream->request_bytes > wanted) die("a request before the answer's end");
    // What warms a system up need not take the time of an answer.
    static const char warming[] = "one token will do";
    bool is_warming = memmem(stream->request, wanted, warming, sizeof warming - 1);
    stream->tokens = is_warming ? 1 : tokens;
    requested_count++;
    requested_bytes += wanted;
    stream->request_bytes = 0;
    answer(stream);
}

static void welcome(int listener) {
    int fd;
    while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MAX_DESCRIPTORS) die("descriptor %d", fd);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct stream *stream = calloc(1, sizeof *stream);
        stream->fd = fd;
        stream->request = malloc(REQUEST_BYTES);
        streams[fd] = stream;
        watch(stream, EPOLL_CTL_ADD, EPOLLIN);
    }
    if (errno != EAGAIN && errno != ECONNABORTED) die("accept");
}

static void on_signal(int number) {
    (void)number;
    is_ending = 1;
}

int main(int count, char **arguments) {
    double rate = atof(option(count, arguments, "rate", 0));
    tokens = number_option(count, arguments, "tokens", 0);
    interval = rate > 0 ? 1e9 / rate : 0;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, 0);
    signal(SIGINT, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_bytes = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, address_bytes) != 0 || listen(listener, 4096) != 0) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &address_bytes);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);

    while (!is_ending) {
        struct epoll_event events[EVENTS];
        struct timespec wait = {0}, *until = 0;
        if (heap_count) {
            int64_t ns = heap[0].due - clock_ns();
            if (ns > 0) wait = (struct timespec){ns / 1000000000, ns % 1000000000};
            until = &wait;
        }
        int ready = epoll_pwait2(poll_fd, events, EVENTS, until, 0);
        for (int index = 0; index < ready; index++) {
            int fd = events[index].data.fd;
            uint32_t what = events[index].events;
            if (fd == listener) {
                welcome(listener);
                continue;
            }
            if (streams[fd] && what & EPOLLOUT) room(streams[fd]);
            if (streams[fd] && what & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(streams[fd]);
        }
        for (int64_t now = clock_ns(); heap_count && heap[0].due <= now; now = clock_ns()) tick(heap_pop(), now);
    }
    printf("{\"late_p50_us\":%.1f,\"late_p99_us\":%.1f,\"late_max_us\":%.1f,\"requests\":%lu,\"request_bytes\":%lu",
           histogram_us(&lateness, 0.5), histogram_us(&lateness, 0.99), lateness.longest / 1000.0,
           (unsigned long)requested_count, (unsigned long)requested_bytes);
    printf(",\"aborted_ns\":[");
    for (int index = 0; index < aborted_count; index++) printf("%s%lld", index ? "," : "", (long long)aborted[index]);
    printf("]}\n");
    return 0;
}
