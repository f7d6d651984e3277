#define _GNU_SOURCE
#include "CLinuxCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
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
}

/// From now on, what is mounted stays here, and nothing that others mount comes in.
static void stand_alone(void) {
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail("a mount namespace");
}

/// Waits until the runner has given this process user ids.
static void wait_for_users(void) {
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

/// Does what needs user ids.
static void prepare(const struct buildspec_overlays *overlays) {
    stand_alone();
    if (chdir(overlays->store) != 0) fail(overlays->store);
    umask(022);
    if (overlays->memory) move_to_memory(overlays->memory);
    make_root(overlays);
    if (chdir("/") != 0) fail("/");
}

/// Does what a runner's namespace is needed for.
static void make_alone(const struct buildspec_overlays *overlays) {
    if (!*overlays->alone) return;
    if (chdir(overlays->store) != 0) fail(overlays->store);
    enter(CLONE_NEWNS, "a mount namespace");
    stand_alone();
    for (const char *const *pair = overlays->alone; *pair; pair += 2) {
        if (mount(pair[0], pair[1], NULL, MS_BIND, NULL) != 0) fail(pair[0]);
    }
}

__attribute__((noreturn)) static void become(const struct buildspec_launch *launch) {
    execve(launch->program, (char *const *)launch->arguments,
           launch->environment ? (char *const *)launch->environment : environ);
    fail(launch->program);
}

pid_t buildspec_start_sandbox(const struct buildspec_launch *launch, int input, int log) {
    pid_t child = fork();
    if (child != 0) return child;
    settle(input, log);
    if (launch->overlays) {
        make_alone(launch->overlays);
        enter(CLONE_NEWUSER | CLONE_NEWNS, "a user namespace");
        say(launch->overlays->question);
        wait_for_users();
        prepare(launch->overlays);
    }
    become(launch);
}

/// Memory that both processes have at the same place: the launch, and all that it points to.
struct ground {
    size_t size;
    size_t used;
    struct buildspec_launch launch;
    struct buildspec_overlays overlays;
};

static const size_t ground_size = 1 << 20;

/// Cuts a piece off, or returns a null pointer when there is no more.
static void *cut(struct ground *ground, size_t size) {
    size_t start = (ground->used + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (start > ground->size || size > ground->size - start) return NULL;
    ground->used = start + size;
    return (char *)ground + start;
}

static const char *copy_text(struct ground *ground, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = cut(ground, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

static const char *const *copy_list(struct ground *ground, const char *const *list) {
    size_t count = 0;
    while (list[count]) count++;
    const char **copy = cut(ground, (count + 1) * sizeof *copy);
    for (size_t index = 0; copy && index < count; index++) {
        copy[index] = copy_text(ground, list[index]);
        if (!copy[index]) return NULL;
    }
    if (copy) copy[count] = NULL;
    return copy;
}

pid_t buildspec_plant_sandbox(const char *question, int input, int log, void **seed) {
    struct ground *ground = mmap(NULL, ground_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ground == MAP_FAILED) return -1;
    ground->size = ground_size;
    ground->used = sizeof *ground;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) munmap(ground, ground_size);
    *seed = child > 0 ? ground : NULL;
    if (child != 0) return child;
    settle(input, log);
    enter(CLONE_NEWUSER | CLONE_NEWNS, "a user namespace");
    // New credentials take this away, so it comes after them.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(1);
    say(question);
    wait_for_users();
    prepare(ground->launch.overlays);
    become(&ground->launch);
}

int buildspec_feed_seed(void *seed, const struct buildspec_launch *launch) {
    struct ground *ground = seed;
    const struct buildspec_overlays *overlays = launch->overlays;
    if (!overlays || *overlays->alone || !launch->environment) return -1;
    ground->launch.program = copy_text(ground, launch->program);
    ground->launch.arguments = copy_list(ground, launch->arguments);
    ground->launch.environment = copy_list(ground, launch->environment);
    ground->launch.overlays = &ground->overlays;
    ground->overlays = (struct buildspec_overlays){
        .store = copy_text(ground, overlays->store),
        .question = copy_text(ground, overlays->question),
        .alone = copy_list(ground, overlays->alone),
        .memory = overlays->memory ? copy_list(ground, overlays->memory) : NULL,
        .mounts = copy_list(ground, overlays->mounts),
        .root = copy_text(ground, overlays->root),
        .links = copy_list(ground, overlays->links),
        .binds = copy_list(ground, overlays->binds),
        .shown = copy_list(ground, overlays->shown),
    };
    // Whoever finds no room once may still find some for less: so all are looked at.
    const struct buildspec_overlays *made = &ground->overlays;
    bool is_whole = ground->launch.program && ground->launch.arguments && ground->launch.environment && made->store &&
                    made->question && made->alone && (made->memory || !overlays->memory) && made->mounts &&
                    made->root && made->links && made->binds && made->shown;
    return is_whole ? 0 : -1;
}

void buildspec_forget_seed(void *seed) { munmap(seed, ground_size); }
