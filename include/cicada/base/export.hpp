#pragma once

/// CICADA_API marks what the shared library exports; everything else stays hidden.
#if defined(__GNUC__)
#define CICADA_API [[gnu::visibility("default")]]
#else
#define CICADA_API
#endif
