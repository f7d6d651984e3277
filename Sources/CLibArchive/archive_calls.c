#include "CLibArchive.h"

#include <dlfcn.h>
#include <pthread.h>

// libarchive's functions, by their types in its header.
#define FUNCTIONS(each)                                                                                                \
    each(archive_read_new) each(archive_read_support_filter_xz)                                                        \
        each(archive_read_support_filter_bzip2) each(archive_read_support_filter_zstd)                                 \
            each(archive_read_support_format_tar) each(archive_read_support_format_zip_seekable)                       \
                each(archive_read_support_format_raw) each(archive_read_open) each(archive_filter_count)               \
                each(archive_read_open_fd) each(archive_read_next_header) each(archive_read_data_block)                \
                    each(archive_read_free) each(archive_file_count) each(archive_format) each(archive_error_string)   \
                        each(archive_entry_is_encrypted) each(archive_entry_mtime_is_set) each(archive_entry_mtime)    \
                            each(archive_entry_size_is_set) each(archive_entry_size) each(archive_entry_pathname)      \
                                each(archive_entry_pathname_utf8) each(archive_entry_hardlink)                         \
                                    each(archive_entry_symlink) each(archive_entry_filetype) each(archive_entry_perm)

#define FIELD(name) __typeof__(name) *name;
static struct {
    FUNCTIONS(FIELD)
} library;

static int available;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void) {
    // It stays open: its readers may be in use until the process ends.
    void *handle = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return;
#define FIND(name)                                                                                                     \
    if ((*(void **)&library.name = dlsym(handle, #name)) == NULL) return;
    FUNCTIONS(FIND)
    available = 1;
}

int buildspec_archive_is_available(void) {
    pthread_once(&once, open_library);
    return available;
}

#define CALL(result, name, parameters, arguments)                                                                      \
    result buildspec_##name parameters { return library.name arguments; }

CALL(struct archive *, archive_read_new, (void), ())
CALL(int, archive_read_support_filter_xz, (struct archive * archive), (archive))
CALL(int, archive_read_support_filter_bzip2, (struct archive * archive), (archive))
CALL(int, archive_read_support_filter_zstd, (struct archive * archive), (archive))
CALL(int, archive_read_support_format_tar, (struct archive * archive), (archive))
CALL(int, archive_read_support_format_zip_seekable, (struct archive * archive), (archive))
CALL(int, archive_read_support_format_raw, (struct archive * archive), (archive))
CALL(int, archive_read_open,
     (struct archive * archive, void *client, archive_open_callback *open, archive_read_callback *read,
      archive_close_callback *close),
     (archive, client, open, read, close))
CALL(int, archive_filter_count, (struct archive * archive), (archive))
CALL(int, archive_read_open_fd, (struct archive * archive, int descriptor, size_t block), (archive, descriptor, block))
CALL(int, archive_read_next_header, (struct archive * archive, struct archive_entry **entry), (archive, entry))
CALL(int, archive_read_data_block,
     (struct archive * archive, const void **start, size_t *count, int64_t *offset), (archive, start, count, offset))
CALL(int, archive_read_free, (struct archive * archive), (archive))
CALL(int, archive_file_count, (struct archive * archive), (archive))
CALL(int, archive_format, (struct archive * archive), (archive))
CALL(const char *, archive_error_string, (struct archive * archive), (archive))
CALL(int, archive_entry_is_encrypted, (struct archive_entry * entry), (entry))
CALL(int, archive_entry_mtime_is_set, (struct archive_entry * entry), (entry))
CALL(int64_t, archive_entry_mtime, (struct archive_entry * entry), (entry))
CALL(int, archive_entry_size_is_set, (struct archive_entry * entry), (entry))
CALL(int64_t, archive_entry_size, (struct archive_entry * entry), (entry))
CALL(const char *, archive_entry_pathname, (struct archive_entry * entry), (entry))
CALL(const char *, archive_entry_pathname_utf8, (struct archive_entry * entry), (entry))
CALL(const char *, archive_entry_hardlink, (struct archive_entry * entry), (entry))
CALL(const char *, archive_entry_symlink, (struct archive_entry * entry), (entry))
CALL(uint32_t, archive_entry_filetype, (struct archive_entry * entry), (entry))
CALL(uint32_t, archive_entry_perm, (struct archive_entry * entry), (entry))
