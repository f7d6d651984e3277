#define _GNU_SOURCE
#include "CLinuxCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

// All below runs between fork and exec of a process with many threads: it calls the kernel, and nothing that takes a lock
// or memory.

static void say(const char *text) {
    ssize_t written = write(2, text, strlen(text));
    (void)written;
}

__attribute__((noreturn)) static void fail(const char *what) {
    int reason = errno;
    say(what);
    say(": ");
#if __GLIBC_PREREQ(2, 32)
    const char *words = strerrordesc_np(reason);
#else
    const char *words = strerror(reason);
#endif
    say(words ? words : "unknown error");
    say("\n");
    _exit(1);
}

/// A session, standard streams and signals as a new program expects them; no other descriptors.
static void settle(int input, int log) {
    setsid();
    // The runner may have been started without standard streams, whose numbers other files have then.
    input = fcntl(input, F_DUPFD_CLOEXEC, 3);
    log = fcntl(log, F_DUPFD_CLOEXEC, 3);
    int output = fcntl(open("/dev/null", O_WRONLY), F_DUPFD_CLOEXEC, 3);
    if (dup2(log, 2) < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0) _exit(1);
    if (syscall(SYS_close_range, 3u, ~0u, 0) != 0) {
        for (int other = 3; other < 65536; other++) {
            close(other);
        }
    }
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir("/") != 0) fail("/");
}

static void enter(int namespaces, const char *what) {
    if (unshare(namespaces) != 0) fail(what);
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail(what);
}

/// Asks the runner for user ids, and waits for them.
static void ask(const char *question) {
    say(question);
    char answer[4] = "";
    for (size_t length = 0; length < sizeof answer; length++) {
        if (read(0, answer + length, 1) != 1) _exit(1);
        if (answer[length] == '\n') {
            if (memcmp(answer, "go\n", 3) != 0) _exit(1);
            return;
        }
    }
    _exit(1);
}

/// Makes these directories again in memory, and goes there.
static void move_to_memory(const char *const *directories) {
    if (mkdir("memory", 0755) != 0 && errno != EEXIST) fail("memory");
    if (mount("tmpfs", "memory", "tmpfs", 0, "size=25%,mode=755") != 0) fail("a file system in memory");
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (here < 0 || chdir("memory") != 0) fail("memory");
    for (; *directories; directories++) {
        struct stat status;
        if (fstatat(here, *directories, &status, 0) != 0 || mkdir(*directories, 0700) != 0 ||
            chown(*directories, status.st_uid, status.st_gid) != 0 ||
            chmod(*directories, status.st_mode & 07777) != 0) {
            fail(*directories);
        }
    }
    close(here);
}

/// Files of users that the namespace does not know can be seen, but not changed; and some file systems make no upper
/// layer: so each overlay is tried before it is used.
static void try_writing(const char *probe) {
    int file = open(probe, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0 || close(file) != 0 || unlink(probe) != 0) fail("a system directory cannot be written to");
}

/// Opens a directory in the root as a program with that root would, or -1 with errno.
static int open_in_root(int root, const char *path) {
    const uint64_t resolve = buildspec_resolve_in_root | buildspec_resolve_no_magiclinks;
    int directory;
    int tries = 0;
    do {
        directory = buildspec_openat2(root, path, O_PATH | O_DIRECTORY, 0, resolve);
        // Somebody moved something on this machine while `..` in a link was followed.
    } while (directory < 0 && errno == EAGAIN && ++tries < 100);
    return directory;
}

/// Opens a directory in the root, of which it makes what is missing. A link that leads nowhere in the root gives way.
static int make_place(int root, const char *path, size_t length) {
    char part[PATH_MAX];
    if (length >= sizeof part) fail(path);
    int parent = fcntl(root, F_DUPFD_CLOEXEC, 3);
    for (size_t start = 0; start < length;) {
        size_t end = start;
        while (end < length && path[end] != '/') end++;
        memcpy(part, path, end);
        part[end] = '\0';
        int place = open_in_root(root, part);
        if (place < 0 && (errno == ENOENT || errno == ELOOP)) {
            if (mkdirat(parent, part + start, 0755) != 0 &&
                (errno != EEXIST || unlinkat(parent, part + start, 0) != 0 ||
                 mkdirat(parent, part + start, 0755) != 0)) {
                fail(path);
            }
            place = open_in_root(root, part);
        }
        if (place < 0) fail(path);
        close(parent);
        parent = place;
        start = end + 1;
    }
    return parent;
}

/// Adds what a build must not do to what is mounted here, which keeps what was forbidden there before.
static void restrict_mount(const char *name, unsigned long flags) {
    struct statfs status;
    if (statfs(name, &status) != 0) fail(name);
    const unsigned long kept = MS_RDONLY | MS_NOEXEC;
    flags |= MS_NOSUID | MS_NODEV | ((unsigned long)status.f_flags & kept);
    if (mount(NULL, name, NULL, MS_REMOUNT | MS_BIND | flags, NULL) != 0) fail(name);
}

/// Binds a directory or a file below the root. Nothing in the root is a link that a target goes through without
/// `make_place`, and the last name of a target is a directory of the root, or new.
static void bind_in_root(int root, const char *source, const char *target, unsigned long flags) {
    struct stat status;
    if (stat(source, &status) != 0) {
        // What is only shown may be missing on this machine.
        if ((flags & MS_RDONLY) && errno == ENOENT) return;
        fail(source);
    }
    if (S_ISDIR(status.st_mode)) {
        int place = make_place(root, target, strlen(target));
        if (fchdir(place) != 0 || mount(source, ".", NULL, MS_BIND, NULL) != 0) fail(source);
        close(place);
        // `.` is still what lies below.
        place = open_in_root(root, target);
        if (place < 0 || fchdir(place) != 0) fail(target);
        restrict_mount(".", flags);
        close(place);
        return;
    }
    const char *name = strrchr(target, '/');
    name = name ? name + 1 : target;
    int parent = make_place(root, target, name == target ? 0 : (size_t)(name - 1 - target));
    if (mknodat(parent, name, S_IFREG | 0444, 0) != 0 && errno != EEXIST) fail(target);
    if (fchdir(parent) != 0) fail(target);
    if (mount(source, name, NULL, MS_BIND, NULL) != 0) fail(source);
    restrict_mount(name, flags);
    close(parent);
}

/// The few devices that every program may expect, and terminals of the build's own, as `bwrap --dev` makes them.
static void make_devices(int root) {
    static const char *const devices[][2] = {
        {"/dev/null", "null"},     {"/dev/zero", "zero"},       {"/dev/full", "full"},
        {"/dev/random", "random"}, {"/dev/urandom", "urandom"}, {"/dev/tty", "tty"},
    };
    static const char *const links[][2] = {
        {"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"},
        {"/proc/self/fd", "fd"},      {"/proc/kcore", "core"},       {"pts/ptmx", "ptmx"},
    };
    if (fchdir(root) != 0 || mkdir("dev", 0755) != 0 ||
        mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") != 0 || chdir("dev") != 0) {
        fail("/dev");
    }
    for (size_t index = 0; index < sizeof devices / sizeof *devices; index++) {
        const char *const *device = devices[index];
        if (mknod(device[1], S_IFREG | 0444, 0) != 0 || mount(device[0], device[1], NULL, MS_BIND, NULL) != 0) {
            fail(device[0]);
        }
    }
    for (size_t index = 0; index < sizeof links / sizeof *links; index++) {
        if (symlink(links[index][0], links[index][1]) != 0) fail(links[index][1]);
    }
    if (mkdir("shm", 0755) != 0 || mkdir("pts", 0755) != 0 ||
        mount("devpts", "pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620") != 0) {
        fail("terminals");
    }
}

/// Puts the root together here, and not by options of `bwrap`, which reads the table of mounts twice for each.
static void make_root(const struct buildspec_overlays *overlays) {
    const unsigned long flags = MS_NOSUID | MS_NODEV;
    if (mount("tmpfs", overlays->root, "tmpfs", flags, "mode=755") != 0) fail(overlays->root);
    int root = open(overlays->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) fail(overlays->root);
    for (const char *const *entry = overlays->mounts; *entry; entry += 4) {
        if (mkdir(entry[1], 0755) != 0 || mount("overlay", entry[1], "overlay", flags, entry[2]) != 0) fail(entry[0]);
    }
    for (const char *const *entry = overlays->mounts; *entry; entry += 4) {
        try_writing(entry[3]);
    }
    if (fchdir(root) != 0) fail(overlays->root);
    for (const char *const *pair = overlays->links; *pair; pair += 2) {
        if (symlink(pair[0], pair[1]) != 0) fail(pair[1]);
    }
    for (const char *const *pair = overlays->binds; *pair; pair += 2) {
        bind_in_root(root, pair[0], pair[1], 0);
    }
    for (const char *const *pair = overlays->shown; *pair; pair += 2) {
        bind_in_root(root, pair[0], pair[1], MS_RDONLY);
    }
    make_devices(root);
    close(root);
}

static void prepare(const struct buildspec_overlays *overlays) {
    if (chdir(overlays->store) != 0) fail(overlays->store);
    umask(022);
    if (*overlays->alone) enter(CLONE_NEWNS, "a mount namespace");
    for (const char *const *pair = overlays->alone; *pair; pair += 2) {
        if (mount(pair[0], pair[1], NULL, MS_BIND, NULL) != 0) fail(pair[0]);
    }
    enter(CLONE_NEWUSER | CLONE_NEWNS, "a user namespace");
    ask(overlays->question);
    if (overlays->memory) move_to_memory(overlays->memory);
    make_root(overlays);
    if (chdir("/") != 0) fail("/");
}

pid_t buildspec_start_sandbox(
    const char *program, char *const *arguments, char *const *environment, int input, int log,
    const struct buildspec_overlays *overlays) {
    pid_t child = fork();
    if (child != 0) return child;
    settle(input, log);
    if (overlays) prepare(overlays);
    execve(program, arguments, environment ? environment : environ);
    fail(program);
}
