# Runs PROGRAM: it must succeed and, if the file EXPECTED exists, print exactly what is in it.

execute_process(COMMAND ${PROGRAM}
    RESULT_VARIABLE failed OUTPUT_VARIABLE printed ERROR_VARIABLE complaints)
if(failed)
    message(FATAL_ERROR "It failed (${failed}):\n${printed}${complaints}")
endif()
if(EXISTS ${EXPECTED})
    file(READ ${EXPECTED} expected)
    if(NOT printed STREQUAL expected)
        message(FATAL_ERROR "It printed:\n${printed}\ninstead of:\n${expected}")
    endif()
endif()
