// libcurl as Debian ships it, with its variadic functions as plain ones, which Swift can call.
#pragma once
#include <curl/curl.h>

static inline CURLcode agentd_curl_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode agentd_curl_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode agentd_curl_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode agentd_curl_headers(CURL *easy, struct curl_slist *headers) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}

typedef size_t (*agentd_curl_write)(char *bytes, size_t size, size_t count, void *context);

/// Sets the callbacks for the body and for header lines, both with the same context.
static inline CURLcode agentd_curl_callbacks(CURL *easy, agentd_curl_write body, agentd_curl_write header, void *context) {
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
    return curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

static inline long agentd_curl_status(CURL *easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

typedef int (*agentd_curl_socket)(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_context);
typedef int (*agentd_curl_timer)(CURLM *multi, long milliseconds, void *context);

static inline CURLMcode agentd_curl_multi_callbacks(
    CURLM *multi, agentd_curl_socket socket, agentd_curl_timer timer, void *context) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
    return curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

static inline CURLMcode agentd_curl_multi_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The next finished transfer and how it ended, or null.
static inline CURL *agentd_curl_finished(CURLM *multi, CURLcode *code) {
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        *code = message->data.result;
        return message->easy_handle;
    }
    return 0;
}

static const size_t agentd_curl_pause = CURL_WRITEFUNC_PAUSE;

/// A time of a finished transfer, in microseconds from its start.
static inline long long agentd_curl_microseconds(CURL *easy, CURLINFO info) {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(easy, info, &microseconds);
    return microseconds;
}
