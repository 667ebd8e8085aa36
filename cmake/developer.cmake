# How we build cicada ourselves. None of it reaches a user's build: every flag is PRIVATE to our
# own targets, but for the sanitizer, which must be in everything that is linked together.

if(CICADA_DEVELOPER)
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    find_program(CICADA_CCACHE ccache)
    mark_as_advanced(CICADA_CCACHE)
    if(CICADA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
        # Told so, it also keeps what is compiled with a precompiled header.
        set(CMAKE_CXX_COMPILER_LAUNCHER
            env CCACHE_SLOPPINESS=pch_defines,time_macros ${CICADA_CCACHE})
    endif()
endif()

if(CICADA_SANITIZE)
    add_compile_options(-fsanitize=${CICADA_SANITIZE} -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${CICADA_SANITIZE})
endif()

# cicada_developer(<target>): our warnings, as errors.
function(cicada_developer target)
    if(NOT CICADA_DEVELOPER)
        return()
    endif()
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Werror
        -Wshadow -Wconversion -Wno-sign-conversion
        -Wold-style-cast -Woverloaded-virtual -Wextra-semi
        -Wno-missing-field-initializers) # options are aggregates: one names what one changes
    if(CMAKE_UNITY_BUILD) # several sources as one: what is true of headers is not of sources
        target_compile_options(${target} PRIVATE -Wno-shadow
            $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CICADA_SANITIZE)
        # False in coroutines: the instrumented frame hides from GCC that a variable is set.
        target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
        if(CICADA_SANITIZE STREQUAL "thread") # fences in Asio, which stand beside mutexes
            target_compile_options(${target} PRIVATE -Wno-tsan)
        endif()
    endif()
endfunction()

# cicada_precompile(<target> [<header>...]): what most sources include of the standard library, and
# these, is read once for all of the target. Only that, for GCC loads what it has precompiled whole,
# and the larger that is the longer. And nothing of cicada: where a test sees names that it does not
# include, another function may be called than in a user's program. Each source includes what it
# uses all the same: the preset `release` goes without.
function(cicada_precompile target)
    if(CICADA_DEVELOPER AND NOT CMAKE_UNITY_BUILD) # which reads it for a few at a time anyway
        target_precompile_headers(${target} PRIVATE ${ARGN} <algorithm> <atomic> <chrono>
            <coroutine> <functional> <map> <memory> <optional> <string> <thread> <vector>)
    endif()
endfunction()

# A sanitized test stops at the first finding. ThreadSanitizer of GCC 12 needs a memory layout that
# is not too random, so we switch that off where the kernel lets us.
if(CICADA_SANITIZE)
    string(JOIN : asan detect_stack_use_after_return=0 strict_string_checks=1
        check_initialization_order=1)
    string(JOIN : tsan halt_on_error=1 second_deadlock_stack=1
        suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp)
    set(cicada_test_environment
        ASAN_OPTIONS=${asan} TSAN_OPTIONS=${tsan} UBSAN_OPTIONS=print_stacktrace=1)
    execute_process(COMMAND setarch -R true RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(NOT failed)
        set(cicada_test_launcher setarch -R)
    endif()
endif()

# cicada_add_test(<name> <label> <command>...)
function(cicada_add_test name label)
    add_test(NAME ${name} COMMAND ${cicada_test_launcher} ${ARGN})
    set_tests_properties(${name} PROPERTIES
        LABELS ${label} ENVIRONMENT "${cicada_test_environment}")
endfunction()
