#ifndef BUILDSPEC_CLINUXCALLS_H
#define BUILDSPEC_CLINUXCALLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Linux calls that Swift cannot make itself: they are variadic in C (syscall, prctl, ioctl), or glibc has no wrapper.

/// openat2(2), which glibc does not wrap. Returns a descriptor, or -1 with errno set.
/// `resolve` takes the RESOLVE_* flags below; the descriptor is always close-on-exec.
int buildspec_openat2(int directory, const char *_Nonnull path, int flags, mode_t mode, uint64_t resolve);

/// RESOLVE_BENEATH of openat2(2): resolution never leaves the directory.
extern const uint64_t buildspec_resolve_beneath;
/// RESOLVE_IN_ROOT of openat2(2): the directory is taken for `/`.
extern const uint64_t buildspec_resolve_in_root;
/// RESOLVE_NO_SYMLINKS of openat2(2).
extern const uint64_t buildspec_resolve_no_symlinks;
/// RESOLVE_NO_MAGICLINKS of openat2(2): no /proc links.
extern const uint64_t buildspec_resolve_no_magiclinks;

/// copy_file_range(2) from and to the descriptors' own offsets, which needs _GNU_SOURCE. Returns the bytes copied, 0 at
/// the end, or -1 with errno.
ssize_t buildspec_copy_file_range(int source, int target, size_t length);

/// prctl(PR_SET_CHILD_SUBREAPER): orphaned descendants become our children instead of init's. Returns 0 or -1 with errno.
int buildspec_set_child_subreaper(int enabled);

/// prctl(PR_SET_DUMPABLE): 0 forbids core dumps of, and tracing by, this user's processes. Returns 0 or -1 with errno.
int buildspec_set_dumpable(int enabled);

/// Gives memory back that is not in use: what malloc(3) keeps for later (malloc_trim, a GNU extension), and the pages of
/// this program's own file that cannot have been changed, which the kernel reads again when they are needed.
void buildspec_give_memory_back(void);

/// Tells the file system that the subdirectories of this directory have nothing to do with each other (`chattr +T`): ext4
/// then gives each a place of its own, and need not look for room among what was just removed. Where that cannot be said,
/// nothing happens.
void buildspec_spread_subdirectories(int directory);

/// memfd_create(2) with MFD_CLOEXEC, which needs _GNU_SOURCE. Returns a descriptor, or -1 with errno.
int buildspec_memory_file(const char *_Nonnull name);

/// prlimit(2), which needs _GNU_SOURCE: lowers a process's soft and hard limit to `most`; lower ones stay.
/// `resource` is RLIMIT_*. Returns 0 or -1 with errno.
int buildspec_lower_limit(pid_t process, int resource, uint64_t most);

/// pipe2(2) with O_CLOEXEC, which needs _GNU_SOURCE. Fills `ends` with a reading and a writing end; 0 or -1 with errno.
int buildspec_pipe(int *_Nonnull ends);

/// getdents64(2), which needs _GNU_SOURCE: fills a buffer with `struct linux_dirent64` records. Returns their bytes, 0 at
/// the end, or -1 with errno.
ssize_t buildspec_directory_entries(int directory, void *_Nonnull buffer, size_t size);

/// Whether a file lies on a file system of this machine that Linux itself gives its times, by the clock's ticks, as ext4,
/// XFS, Btrfs, overlayfs and tmpfs do; 0 for one that may have coarser times or another machine's.
int buildspec_has_local_times(int file);

/// The processors this process may run on (sched_getaffinity(2), whose macros need _GNU_SOURCE); at least 1.
int buildspec_processor_count(void);

/// mallopt(3), whose header Swift does not see: blocks of up to `largest` bytes are cut from the heap instead of being
/// mapped one by one, and up to twice as much free memory stays in each arena. Process-wide.
void buildspec_keep_freed_memory(int largest);

/// Ends that: what is freed from now on goes back as usual. To be called while the last blocks are still in use, for only
/// their freeing has the allocator look at the ends of the threads' arenas. Process-wide.
void buildspec_keep_freed_memory_no_longer(void);

/// malloc_trim(3): gives freed memory back to the kernel, but for the ends of the threads' arenas.
void buildspec_release_freed_memory(void);

/// posix_openpt(3) and its kin, which need _GNU_SOURCE: a new pseudo-terminal. Writes the path of its other end to `name`.
/// Returns a close-on-exec descriptor, or -1 with errno.
int buildspec_open_terminal(char *_Nonnull name, size_t size);

/// ioctl(TIOCSWINSZ), which is variadic: gives a terminal a size. Returns 0 or -1 with errno.
int buildspec_set_window_size(int terminal, unsigned short rows, unsigned short columns);

/// ioctl(TIOCGWINSZ), which is variadic: the size of a terminal. Returns 0 or -1 with errno.
int buildspec_get_window_size(int terminal, unsigned short *_Nonnull rows, unsigned short *_Nonnull columns);

/// pidfd_open(2), which glibc wraps only lately: a descriptor that is readable when the process has ended, or -1 with errno.
int buildspec_process_descriptor(pid_t process);

/// Overlays, and the root directory made of them, that a sandbox's process mounts in namespaces of its own. All lists end
/// with a null pointer.
struct buildspec_overlays {
    /// The directory that relative paths start from.
    const char *_Nonnull store;
    /// What the process says on its log when its user namespace wants ids; it goes on when it reads the line `go`.
    const char *_Nonnull question;
    /// Directories that are bound elsewhere before, without what is mounted below them: source, target, ...
    const char *_Nullable const *_Nonnull alone;
    /// Directories of the store that are made again in memory, where relative paths start from then; null for none.
    const char *_Nullable const *_Nullable memory;
    /// The overlays, four strings each: name for messages, mount point in the root, options, a file that can be made in
    /// it.
    const char *_Nullable const *_Nonnull mounts;
    /// The directory that becomes the root: empty, in memory, but for what follows.
    const char *_Nonnull root;
    /// Links in the root: what they say, where, ...
    const char *_Nullable const *_Nonnull links;
    /// Directories that are bound in the root after that: absolute source, target, ... Targets are made where they are
    /// missing; links on the way to them do not lead out of the root.
    const char *_Nullable const *_Nonnull binds;
    /// The same for directories and files that cannot be written to; what is missing on this machine is left out.
    const char *_Nullable const *_Nonnull shown;
};

/// What a sandbox's process becomes. All lists end with a null pointer.
struct buildspec_launch {
    const char *_Nonnull program;
    /// Its arguments, with its name.
    const char *_Nullable const *_Nonnull arguments;
    /// Its environment; null for ours.
    const char *_Nullable const *_Nullable environment;
    /// What it mounts before; null for nothing.
    const struct buildspec_overlays *_Nullable overlays;
};

/// fork(2) and what must happen in the child before exec, where Swift code must not run.
///
/// The child has a session of its own, `input` and `log` for standard input and error, no other descriptors, and all
/// signals at their defaults. It mounts what the launch wants, and executes its program. What goes wrong in it is said on
/// its log, and ends it. Returns its id, or -1 with errno. It may take the end of the calling thread for ours.
pid_t buildspec_start_sandbox(const struct buildspec_launch *_Nonnull launch, int input, int log);

/// The same for a launch with overlays that is not known yet: to copy a process costs least at its very beginning.
///
/// The child goes into its user namespace, says `question` on its log and waits; the end of the calling thread, or that
/// of `input`, ends it. Returns its id, or -1 with errno. `seed` is for `buildspec_feed_seed`, and to be forgotten.
pid_t buildspec_plant_sandbox(
    const char *_Nonnull question, int input, int log, void *_Nullable *_Nonnull seed);

/// Tells the child what it becomes when it reads the line `go`. Returns 0, or -1 when it cannot become that: where
/// directories are to stand alone, and where the launch is too long. It must be ended then.
int buildspec_feed_seed(void *_Nonnull seed, const struct buildspec_launch *_Nonnull launch);

/// Gives the memory back; the child has its own.
void buildspec_forget_seed(void *_Nonnull seed);

#endif
