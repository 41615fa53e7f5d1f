// What the tools of the bench share: the clock, the marks that make a token findable, and a histogram.
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline int64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

__attribute__((format(printf, 1, 2), noreturn)) static inline void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, errno ? ": %s\n" : "\n", strerror(errno));
    exit(1);
}

// A token is a space, its number in its stream, and the moment it was sent, as digits of base 64 that JSON leaves alone.
enum { NUMBER_DIGITS = 4, STAMP_DIGITS = 8, TOKEN_BYTES = 1 + NUMBER_DIGITS + STAMP_DIGITS };

#define STAMP_MASK ((1LL << (6 * STAMP_DIGITS)) - 1)

static inline void put_digits(char *text, int count, uint64_t value) {
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    for (int place = count - 1; place >= 0; place--, value >>= 6) text[place] = digits[value & 63];
}

// -1 where a character is no digit.
static inline int64_t get_digits(const char *text, int count) {
    int64_t value = 0;
    for (int place = 0; place < count; place++) {
        char c = text[place];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                    : c >= 'a' && c <= 'z' ? c - 'a' + 36
                    : c == '-'             ? 62
                    : c == '_'             ? 63
                                           : -1;
        if (digit < 0) return -1;
        value = value << 6 | digit;
    }
    return value;
}

static inline void put_token(char *text, uint64_t number, int64_t sent) {
    text[0] = ' ';
    put_digits(text + 1, NUMBER_DIGITS, number);
    put_digits(text + 1 + NUMBER_DIGITS, STAMP_DIGITS, sent & STAMP_MASK);
}

// Times in buckets whose width is 1/32 of their value.
struct histogram {
    uint64_t buckets[64 * 32];
    uint64_t count;
    int64_t longest;
};

static inline void histogram_add(struct histogram *histogram, int64_t ns) {
    uint64_t value = ns < 1 ? 1 : ns;
    int power = 63 - __builtin_clzll(value);
    int bucket = power < 5 ? (int)value : (power - 4) * 32 + (int)(value >> (power - 5) & 31);
    histogram->buckets[bucket]++;
    histogram->count++;
    if (ns > histogram->longest) histogram->longest = ns;
}

// The time in microseconds that this share of all stayed below.
static inline double histogram_us(const struct histogram *histogram, double share) {
    uint64_t wanted = histogram->count * share, seen = 0;
    for (int bucket = 0; bucket < 64 * 32; bucket++) {
        seen += histogram->buckets[bucket];
        if (seen > wanted) {
            double low = bucket < 32 ? bucket : (32.0 + bucket % 32) * (1ULL << (bucket / 32 - 1));
            return low / 1000;
        }
    }
    return histogram->longest / 1000.0;
}

// The value of an option, as "--name value".
static inline const char *option(int count, char **arguments, const char *name, const char *otherwise) {
    for (int index = 1; index + 1 < count; index += 2)
        if (strncmp(arguments[index], "--", 2) == 0 && strcmp(arguments[index] + 2, name) == 0)
            return arguments[index + 1];
    if (!otherwise) {
        errno = 0;
        die("--%s is missing", name);
    }
    return otherwise;
}

static inline long number_option(int count, char **arguments, const char *name, const char *otherwise) {
    return atol(option(count, arguments, name, otherwise));
}

#endif
