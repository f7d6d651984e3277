#ifndef BUILDSPEC_CLIBARCHIVE_H
#define BUILDSPEC_CLIBARCHIVE_H

// The door to libarchive: a few Swift files of one folder above this target may import it.
//
// The library is opened when the first archive is: it brings a dozen others along, an XML parser and character tables
// among them, which would be a third of the time that this program takes to start; and most builds open no archive.

#include <archive.h>
#include <archive_entry.h>
#include <stddef.h>
#include <stdint.h>

/// Opens the library, once; false where it is not installed, or lacks a function.
///
/// Every function below has the meaning of libarchive's of that name, and may be called only after this one said true.
int buildspec_archive_is_available(void);

struct archive *_Nullable buildspec_archive_read_new(void);
int buildspec_archive_read_support_filter_xz(struct archive *_Nonnull archive);
int buildspec_archive_read_support_filter_bzip2(struct archive *_Nonnull archive);
int buildspec_archive_read_support_filter_zstd(struct archive *_Nonnull archive);
int buildspec_archive_read_support_format_tar(struct archive *_Nonnull archive);
int buildspec_archive_read_support_format_zip_seekable(struct archive *_Nonnull archive);
int buildspec_archive_read_support_format_raw(struct archive *_Nonnull archive);
int buildspec_archive_read_open(
    struct archive *_Nonnull archive, void *_Nullable client, archive_open_callback *_Nullable open,
    archive_read_callback *_Nonnull read, archive_close_callback *_Nullable close);
int buildspec_archive_filter_count(struct archive *_Nonnull archive);
int buildspec_archive_read_open_fd(struct archive *_Nonnull archive, int descriptor, size_t block);
int buildspec_archive_read_next_header(
    struct archive *_Nonnull archive, struct archive_entry *_Nullable *_Nonnull entry);
int buildspec_archive_read_data_block(
    struct archive *_Nonnull archive, const void *_Nullable *_Nonnull start, size_t *_Nonnull count,
    int64_t *_Nonnull offset);
int buildspec_archive_read_free(struct archive *_Nonnull archive);
int buildspec_archive_file_count(struct archive *_Nonnull archive);
int buildspec_archive_format(struct archive *_Nonnull archive);
const char *_Nullable buildspec_archive_error_string(struct archive *_Nonnull archive);

int buildspec_archive_entry_is_encrypted(struct archive_entry *_Nonnull entry);
int buildspec_archive_entry_mtime_is_set(struct archive_entry *_Nonnull entry);
int64_t buildspec_archive_entry_mtime(struct archive_entry *_Nonnull entry);
int buildspec_archive_entry_size_is_set(struct archive_entry *_Nonnull entry);
int64_t buildspec_archive_entry_size(struct archive_entry *_Nonnull entry);
const char *_Nullable buildspec_archive_entry_pathname(struct archive_entry *_Nonnull entry);
const char *_Nullable buildspec_archive_entry_pathname_utf8(struct archive_entry *_Nonnull entry);
const char *_Nullable buildspec_archive_entry_hardlink(struct archive_entry *_Nonnull entry);
const char *_Nullable buildspec_archive_entry_symlink(struct archive_entry *_Nonnull entry);
uint32_t buildspec_archive_entry_filetype(struct archive_entry *_Nonnull entry);
uint32_t buildspec_archive_entry_perm(struct archive_entry *_Nonnull entry);

#endif
