// The door to libyaml: one Swift interop file above this target may import it.
#include <yaml.h>
