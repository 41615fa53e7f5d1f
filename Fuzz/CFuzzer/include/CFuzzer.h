#pragma once

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer, which the compiler links, with a body of our choice. The body returns 0.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*body)(const uint8_t *data, size_t size));
