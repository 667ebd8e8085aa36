# Runs PROGRAM twice at once, on the server of the tests: the folder that the environment variable
# CICADA_POSTGRES names holds its URL (tests/support/scratch_postgres.py). Each run is there once.

if(NOT DEFINED ENV{CICADA_POSTGRES})
    message("SKIPPED: CICADA_POSTGRES names no server")
    return()
endif()
file(STRINGS $ENV{CICADA_POSTGRES}/url url)
foreach(statement "DROP DATABASE IF EXISTS two_processes" "CREATE DATABASE two_processes")
    execute_process(COMMAND psql -q -c ${statement} ${url}postgres COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(
    COMMAND bash -c [[set -e; "$0" "$1" 6 & "$0" "$1" 6; wait $!]] ${PROGRAM} ${url}two_processes
    RESULT_VARIABLE failed OUTPUT_VARIABLE printed ERROR_VARIABLE complaints)
if(failed)
    message(FATAL_ERROR "It failed (${failed}):\n${printed}${complaints}")
endif()
string(REGEX MATCHALL "process [0-9]+" processes "${printed}")
list(REMOVE_DUPLICATES processes)
string(REGEX MATCHALL "(letter|each second)[^\n]*" runs "${printed}")
list(LENGTH runs count)
list(REMOVE_DUPLICATES runs)
list(LENGTH runs different)
list(LENGTH processes both)
if(NOT both EQUAL 2 OR count LESS 9 OR NOT count EQUAL different)
    message(FATAL_ERROR "Two processes do not share it:\n${printed}${complaints}")
endif()
