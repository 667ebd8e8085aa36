# A case proves that a mistake does not compile, for the right reason, and in few words:
#
#     // expect: <regex that the compiler's messages must match>
#     // lines: <how many lines of messages there may be>          (optional)
#     // flags: <flags with which the mistake is compiled>         (optional)
#     #ifdef CICADA_COMPILE_FAIL_CONTROL
#     ...                                     // what is right: must compile
#     #else
#     ...                                     // the mistake: must not
#     #endif
#
# What a compiler adds to a message is not counted as its lines: the source that it quotes, the
# chain of includes, and how many errors there were. Together they may be 40.
#
# All include <cicada/cicada.hpp>, first and mostly only that: it is read once, by a call without a
# CASE, and found by the others at PRECOMPILED. Not with flags of the case, to which it may not fit.

set(most_in_all 40)

set(compile ${COMPILER} -std=c++20 -Werror=unused-result -I${INCLUDE})
if(NOT CASE)
    file(WRITE ${PRECOMPILED} "#include <cicada/cicada.hpp>\n")
    execute_process(COMMAND ${compile} -x c++-header ${PRECOMPILED} -o ${PRECOMPILED}.gch
        COMMAND_ERROR_IS_FATAL ANY)
    return()
endif()

set(lines)
set(flags)
file(STRINGS ${CASE} head LIMIT_COUNT 3)
foreach(line IN LISTS head)
    if(line MATCHES "^// (expect|lines|flags): (.+)$")
        set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
    endif()
endforeach()
if(NOT expect)
    message(FATAL_ERROR "The first line must be: // expect: <regex>")
endif()

list(APPEND compile -fsyntax-only)
set(precompiled -include ${PRECOMPILED})
execute_process(COMMAND ${compile} ${precompiled} ${CASE} -D CICADA_COMPILE_FAIL_CONTROL
    RESULT_VARIABLE failed ERROR_VARIABLE messages)
if(failed)
    message(FATAL_ERROR "The control must compile, and does not:\n${messages}")
endif()

if(flags)
    set(precompiled "")
endif()
execute_process(COMMAND ${compile} ${precompiled} ${CASE} ${flags}
    RESULT_VARIABLE failed ERROR_VARIABLE messages)
if(NOT failed)
    message(FATAL_ERROR "The mistake compiles.")
endif()
if(NOT messages MATCHES "${expect}")
    message(FATAL_ERROR
        "The mistake does not compile, but nothing matches '${expect}' in:\n${messages}")
endif()

if(lines)
    string(REGEX REPLACE "[][;]" "." text "${messages}") # which lists would take for their own
    string(REGEX REPLACE "\n$" "" text "${text}")
    string(REPLACE "\n" ";" text "${text}")
    list(LENGTH text in_all)
    list(FILTER text EXCLUDE REGEX
        "^ *[0-9]* \\| |^In file included from|^ +from |^[0-9]+ errors? gen|^compilation term")
    list(LENGTH text counted)
    if(counted GREATER lines OR in_all GREATER most_in_all)
        message(FATAL_ERROR "More than ${lines} lines, or than ${most_in_all} in all: "
            "${counted}, and ${in_all} in all:\n${messages}")
    endif()
endif()
