#define _GNU_SOURCE
#include "CLinuxCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

const uint64_t buildspec_resolve_beneath = RESOLVE_BENEATH;
const uint64_t buildspec_resolve_in_root = RESOLVE_IN_ROOT;
const uint64_t buildspec_resolve_no_symlinks = RESOLVE_NO_SYMLINKS;
const uint64_t buildspec_resolve_no_magiclinks = RESOLVE_NO_MAGICLINKS;

int buildspec_openat2(int directory, const char *path, int flags, mode_t mode, uint64_t resolve) {
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .mode = ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) ? mode : 0,
        .resolve = resolve,
    };
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

ssize_t buildspec_copy_file_range(int source, int target, size_t length) {
    return copy_file_range(source, NULL, target, NULL, length, 0);
}

int buildspec_set_child_subreaper(int enabled) {
    return prctl(PR_SET_CHILD_SUBREAPER, enabled, 0, 0, 0);
}

int buildspec_set_dumpable(int enabled) {
    return prctl(PR_SET_DUMPABLE, enabled, 0, 0, 0);
}

/// Forgets the segments of the main program, which comes first, that nobody may write.
static int forget_read_only(struct dl_phdr_info *program, size_t size, void *context) {
    (void)size;
    (void)context;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < program->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        const uintptr_t start = program->dlpi_addr + segment->p_vaddr;
        const uintptr_t first = (start + page - 1) & ~(page - 1);
        const uintptr_t last = (start + segment->p_filesz) & ~(page - 1);
        if (first < last) madvise((void *)first, last - first, MADV_DONTNEED);
    }
    return 1;
}

void buildspec_give_memory_back(void) {
    malloc_trim(0);
    dl_iterate_phdr(forget_read_only, NULL);
}

void buildspec_spread_subdirectories(int directory) {
    int flags = 0;
    if (ioctl(directory, FS_IOC_GETFLAGS, &flags) != 0 || (flags & FS_TOPDIR_FL)) return;
    flags |= FS_TOPDIR_FL;
    ioctl(directory, FS_IOC_SETFLAGS, &flags);
}

int buildspec_memory_file(const char *name) {
    return memfd_create(name, MFD_CLOEXEC);
}

int buildspec_lower_limit(pid_t process, int resource, uint64_t most) {
    struct rlimit limit;
    if (prlimit(process, resource, NULL, &limit) != 0) {
        return -1;
    }
    if (limit.rlim_max > most) {
        limit.rlim_max = most;
    }
    if (limit.rlim_cur > limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
    }
    return prlimit(process, resource, &limit, NULL);
}

int buildspec_pipe(int *ends) {
    return pipe2(ends, O_CLOEXEC);
}

int buildspec_process_descriptor(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

ssize_t buildspec_directory_entries(int directory, void *buffer, size_t size) {
    return syscall(SYS_getdents64, directory, buffer, size);
}

int buildspec_has_local_times(int file) {
    struct statfs status;
    if (fstatfs(file, &status) != 0) return 0;
    switch ((uint32_t)status.f_type) {
    case 0xEF53:      // ext4
    case 0x58465342:  // XFS
    case 0x9123683E:  // Btrfs
    case 0xF2F52010:  // F2FS
    case 0x794C7630:  // overlayfs
    case 0x01021994:  // tmpfs
        return 1;
    default:
        return 0;
    }
}

int buildspec_processor_count(void) {
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors) != 0) return 1;
    int count = CPU_COUNT(&processors);
    return count > 0 ? count : 1;
}

void buildspec_keep_freed_memory(int largest) {
    mallopt(M_MMAP_THRESHOLD, largest);
    mallopt(M_TRIM_THRESHOLD, 2 * largest);
}

// The default of mallopt(3).
void buildspec_keep_freed_memory_no_longer(void) { mallopt(M_TRIM_THRESHOLD, 128 << 10); }

void buildspec_release_freed_memory(void) { malloc_trim(0); }

int buildspec_open_terminal(char *name, size_t size) {
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) {
        return -1;
    }
    if (grantpt(terminal) != 0 || unlockpt(terminal) != 0 || (errno = ptsname_r(terminal, name, size)) != 0) {
        int reason = errno;
        close(terminal);
        errno = reason;
        return -1;
    }
    return terminal;
}

int buildspec_set_window_size(int terminal, unsigned short rows, unsigned short columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(terminal, TIOCSWINSZ, &size);
}

int buildspec_get_window_size(int terminal, unsigned short *rows, unsigned short *columns) {
    struct winsize size;
    if (ioctl(terminal, TIOCGWINSZ, &size) != 0) {
        return -1;
    }
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}
