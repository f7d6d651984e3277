#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// How the kernel maps the program itself: by pieces of two megabytes, where it has it in memory so (Linux 6.16 with ext4,
// or XFS), or by pieces of 64 KiB.

extern char __executable_start[] __attribute__((weak)), etext[] __attribute__((weak));

/// Whether a command may go on for hours, and is asked how much memory it takes.
static int lasts(const char *command) {
    static const char *const names[] = {"run", "worker", "artifact", "debug", "serve-shells", NULL};
    for (int index = 0; names[index]; index++) {
        if (strcmp(command, names[index]) == 0) return 1;
    }
    return 0;
}

/// Before anything else, for what is mapped or read in one way stays so. The C library tells constructors the arguments.
///
/// Large pieces take a fifth off the time of a short command: the interruptions for code that is not mapped yet, and the end,
/// when all is unmapped. A program that is not in memory any more is read in large pieces too. But each
/// counts as the command's memory as a whole, 15 MB more in the end.
__attribute__((constructor(101))) static void map_program(int count, char **arguments) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = (uintptr_t)__executable_start / page * page;
    uintptr_t end = (uintptr_t)etext / page * page;
    if (end <= start) return;

    int isLasting = count > 1 && lasts(arguments[1]);
    madvise((void *)start, end - start, isLasting ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
}
