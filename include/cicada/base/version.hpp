#pragma once

/// The version that this is; CMake takes it from here.
#define CICADA_VERSION_MAJOR 0
#define CICADA_VERSION_MINOR 1
#define CICADA_VERSION_PATCH 0

/// For comparisons: 10000 * major + 100 * minor + patch.
#define CICADA_VERSION                                                                             \
    (CICADA_VERSION_MAJOR * 10000 + CICADA_VERSION_MINOR * 100 + CICADA_VERSION_PATCH)
