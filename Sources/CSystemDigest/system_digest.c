#include "CSystemDigest.h"

#include <dlfcn.h>
#include <string.h>

// The functions without providers: they read no configuration, and so load nothing that a configuration names.
static int (*begin)(void *);
static int (*update)(void *, const void *, size_t);
static int (*finish)(uint8_t *, void *);

/// The hash of "abc" (FIPS 180-4, examples).
static const uint8_t expected[48] = {
    0xcb, 0x00, 0x75, 0x3f, 0x45, 0xa3, 0x5e, 0x8b, 0xb5, 0xa0, 0x3d, 0x69, 0x9a, 0xc6, 0x50, 0x07,
    0x27, 0x2c, 0x32, 0xab, 0x0e, 0xde, 0xd1, 0x63, 0x1a, 0x8b, 0x60, 0x5a, 0x43, 0xff, 0x5b, 0xed,
    0x80, 0x86, 0x07, 0x2b, 0xa1, 0xe7, 0xcc, 0x23, 0x58, 0xba, 0xec, 0xa1, 0x34, 0xc8, 0x25, 0xa7,
};

static int open_library(void) {
#if defined(__x86_64__) && defined(__linux__)
    static const char *const names[] = {"libcrypto.so.3", "libcrypto.so.1.1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            continue;
        }
        *(void **)&begin = dlsym(library, "SHA384_Init");
        *(void **)&update = dlsym(library, "SHA384_Update");
        *(void **)&finish = dlsym(library, "SHA384_Final");
        if (begin == NULL || update == NULL || finish == NULL) {
            dlclose(library);
            continue;
        }
        buildspec_sha384 hash;
        uint8_t digest[sizeof expected];
        buildspec_sha384_begin(&hash);
        buildspec_sha384_update(&hash, "abc", 3);
        buildspec_sha384_finish(&hash, digest);
        return memcmp(digest, expected, sizeof expected) == 0;
    }
#endif
    return 0;
}

int buildspec_sha384_is_available(void) { return open_library(); }

void buildspec_sha384_begin(buildspec_sha384 *hash) {
    memset(hash, 0, sizeof *hash);
    begin(hash);
}

void buildspec_sha384_update(buildspec_sha384 *hash, const void *bytes, size_t count) { update(hash, bytes, count); }

void buildspec_sha384_finish(buildspec_sha384 *hash, uint8_t *digest) { finish(digest, hash); }
