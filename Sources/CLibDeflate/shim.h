// The door to libdeflate: one Swift interop file above this target may import it.
#include <libdeflate.h>
