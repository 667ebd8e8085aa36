# A case proves that a mistake does not compile, and for the right reason:
#
#     // expect: <regex that the compiler's messages must match>
#     #ifdef CICADA_COMPILE_FAIL_CONTROL
#     ...                                     // what is right: must compile
#     #else
#     ...                                     // the mistake: must not
#     #endif

file(STRINGS ${CASE} expect LIMIT_COUNT 1)
if(NOT expect MATCHES "^// expect: (.+)$")
    message(FATAL_ERROR "The first line must be: // expect: <regex>")
endif()
set(expect "${CMAKE_MATCH_1}")

set(compile ${COMPILER} -std=c++20 -Werror=unused-result -I${INCLUDE} -S -o /dev/null ${CASE})

execute_process(COMMAND ${compile} -D CICADA_COMPILE_FAIL_CONTROL RESULT_VARIABLE failed ERROR_VARIABLE messages)
if(failed)
    message(FATAL_ERROR "The control must compile, and does not:\n${messages}")
endif()

execute_process(COMMAND ${compile} RESULT_VARIABLE failed ERROR_VARIABLE messages)
if(NOT failed)
    message(FATAL_ERROR "The mistake compiles.")
endif()
if(NOT messages MATCHES "${expect}")
    message(FATAL_ERROR "The mistake does not compile, but nothing matches '${expect}' in:\n${messages}")
endif()
