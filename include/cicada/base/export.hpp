#pragma once

// What would follow without one of these says nothing: a header that does not exist ends it.
#if __cplusplus < 202002L
#error "cicada needs C++20: compile with -std=c++20"
#include <cicada/ends_here>
#elif !defined(__cpp_impl_coroutine)
#error "cicada needs coroutines: with GCC 10 compile with -fcoroutines"
#include <cicada/ends_here>
#elif !defined(__cpp_exceptions)
#error "cicada needs exceptions: compile without -fno-exceptions"
#include <cicada/ends_here>
#endif

/// CICADA_API marks what the shared library exports; everything else stays hidden.
#if defined(__GNUC__)
#define CICADA_API [[gnu::visibility("default")]]
#else
#define CICADA_API
#endif
