#ifndef BUILDSPEC_CSYSTEMDIGEST_H
#define BUILDSPEC_CSYSTEMDIGEST_H

#include <stddef.h>
#include <stdint.h>

// SHA-384 of the system's OpenSSL, for machines that have one. It is opened at run time, so that nothing depends on it.

/// A hash under way; `SHA512_CTX` of OpenSSL 1.1 and 3 has 216 bytes. May be copied.
typedef struct {
    uint64_t words[32];
} buildspec_sha384;

/// Whether there is a library to use, and it hashes rightly. Opens the library; false on other processors than x86-64,
/// where nothing is gained.
int buildspec_sha384_is_available(void);

// The three below may be called only where it is available.

/// Begins a hash.
void buildspec_sha384_begin(buildspec_sha384 *_Nonnull hash);

/// Adds bytes.
void buildspec_sha384_update(buildspec_sha384 *_Nonnull hash, const void *_Nullable bytes, size_t count);

/// Writes the 48 bytes of the hash; what is in `hash` cannot be used any more.
void buildspec_sha384_finish(buildspec_sha384 *_Nonnull hash, uint8_t *_Nonnull digest);

#endif
