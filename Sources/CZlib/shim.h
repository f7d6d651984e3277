// The door to zlib: one Swift interop file above this target may import it.
#include <zlib.h>
