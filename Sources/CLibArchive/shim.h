// The door to libarchive: one Swift interop file above this target may import it.
#include <archive.h>
#include <archive_entry.h>
