// The floor of every zip writer: reads the files that standard input names, one a line, and deflates each in memory with
// libdeflate; writes nothing.
//
//     find . -type f | deflate_floor LEVEL THREADS
//
// Files longer than 4 MiB are taken apart, so that one of them does not hold the other thread up at the end.

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 4 << 20 };

static char **names;
static size_t count;
static atomic_size_t next;
static atomic_ullong read_bytes, written_bytes;
static int level;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void take(struct libdeflate_compressor *compressor, const char *name, char *raw, char *packed)
{
    struct stat status;
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) < 0) fail(name);
    unsigned crc = 0;
    for (off_t position = 0; position < status.st_size;) {
        ssize_t length = pread(file, raw, PIECE, position);
        if (length <= 0) fail(name);
        position += length;
        crc = libdeflate_crc32(crc, raw, length);
        size_t size = libdeflate_deflate_compress(compressor, raw, length, packed, length);
        atomic_fetch_add(&read_bytes, length);
        atomic_fetch_add(&written_bytes, size ? size : (size_t)length);
    }
    close(file);
}

static void *work(void *nothing)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
    char *raw = malloc(PIECE), *packed = malloc(PIECE);
    if (!compressor || !raw || !packed) fail("memory");
    for (size_t index; (index = atomic_fetch_add(&next, 1)) < count;) take(compressor, names[index], raw, packed);
    libdeflate_free_compressor(compressor);
    return nothing;
}

int main(int argc, char **argv)
{
    level = argc > 1 ? atoi(argv[1]) : 5;
    int threads = argc > 2 ? atoi(argv[2]) : 2;
    char *line = NULL;
    size_t room = 0, names_room = 0;
    for (ssize_t length; (length = getline(&line, &room, stdin)) > 0;) {
        if (line[length - 1] == '\n') line[length - 1] = 0;
        if (count == names_room) names = realloc(names, (names_room = names_room * 2 + 1024) * sizeof *names);
        if (!names) fail("memory");
        names[count++] = strdup(line);
    }
    pthread_t workers[64];
    if (threads < 1 || threads > 64) threads = 2;
    for (int index = 0; index < threads; index++) {
        if (pthread_create(&workers[index], NULL, work, NULL)) fail("thread");
    }
    for (int index = 0; index < threads; index++) pthread_join(workers[index], NULL);
    printf("%zu files, %llu bytes, deflated %llu\n", count, read_bytes, written_bytes);
}
