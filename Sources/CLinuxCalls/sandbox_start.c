#define _GNU_SOURCE
#include "CLinuxCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
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

/// Puts the root together here, and not by options of `bwrap`, which reads the table of mounts twice for each.
static void make_root(const struct buildspec_overlays *overlays) {
    if (mount("tmpfs", overlays->root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") != 0) fail(overlays->root);
    for (const char *const *pair = overlays->binds; *pair; pair += 2) {
        if (mkdir(pair[1], 0755) != 0 && errno != EEXIST) fail(pair[1]);
        if (mount(pair[0], pair[1], NULL, MS_BIND, NULL) != 0) fail(pair[0]);
    }
    for (const char *const *pair = overlays->links; *pair; pair += 2) {
        if (symlink(pair[0], pair[1]) != 0) fail(pair[1]);
    }
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
    for (const char *const *entry = overlays->mounts; *entry; entry += 4) {
        if (mount("overlay", entry[1], "overlay", 0, entry[2]) != 0) fail(entry[0]);
    }
    for (const char *const *entry = overlays->mounts; *entry; entry += 4) {
        try_writing(entry[3]);
    }
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
